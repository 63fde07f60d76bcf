import type { RedisArgs } from "../../../../components/redis/args";
import { planRedis } from "../../../../components/redis/plan";
import { usersFile } from "../../../../components/redis/users";
import { renderFault } from "../../../../components/shared/faults";

const image = `docker.io/valkey/valkey:8.1.4@sha256:${"a".repeat(64)}`;
const least: RedisArgs = { namespace: "services", image };

function faults(args: object, name = "redis"): string[] {
  const result = planRedis(name, { ...least, ...args });
  return result.ok ? [] : result.faults.map(renderFault);
}

test("fills in every default", () => {
  const result = planRedis("redis", least);
  expect(result).toEqual({
    ok: true,
    plan: {
      name: "redis",
      namespace: "services",
      consumers: [],
      deletionProtection: true,
      external: undefined,
      server: {
        allowEviction: true,
        cpu: "100m",
        evictionPolicy: "noeviction",
        image,
        issuer: undefined,
        limitMib: 576,
        memoryMib: 256,
        names: {
          server: "redis",
          config: "redis-config",
          tls: "redis-tls",
          users: "redis-users",
        },
        priorityClassName: undefined,
        storageClass: undefined,
        storageGib: 8,
      },
    },
  });
});

test.each<[string, object, RegExp]>([
  ["no image", { image: undefined }, /^image: missing/],
  ["an image by tag", { image: "valkey:8" }, /^image: an image that is not pinned by digest/],
  ["no amount of CPU", { cpu: "much" }, /^cpu: not an amount of CPU/],
  ["no such policy", { evictionPolicy: "all" }, /^evictionPolicy: not one of the values/],
  ["too little memory", { memoryMib: 8 }, /^memoryMib: out of range/],
  ["half a GiB", { storageGib: 0.5 }, /^storageGib: out of range/],
  ["no certificate", { issuer: { name: "i", caCertificate: "x" } }, /^issuer\.caCertificate: /],
  [
    "a user of the server's own",
    { consumers: [{ name: "probe", namespace: "n" }] },
    /^consumers\[0\]\.name: a name that the store needs itself/,
  ],
])("refuses %s", (_, args, expected) => {
  const found = faults(args);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(expected);
});

test("names all faults at once, of the name too", () => {
  expect(faults({ image: undefined, cpu: "0", storageGib: 0 }, "R")).toHaveLength(4);
});

test("nothing that shapes a server has a meaning with an external store", () => {
  const own = {
    allowEviction: true,
    cpu: "1",
    evictionPolicy: "noeviction",
    issuer: { name: "i", caCertificate: "x" },
    memoryMib: 256,
    priorityClassName: "p",
    storageClass: "s",
    storageGib: 1,
  };
  const external = { host: "cache", existingSecret: "s" };
  expect(faults({ ...own, external })).toEqual(
    [...Object.keys(own), "image"]
      .sort()
      .map((path) => `${path}: has no meaning with an external store`),
  );
  // Users of the server's own are no matter of somebody else's.
  expect(faults({ image: undefined, external: { ...external, host: "a b" } })).toHaveLength(1);
});

test("the file of users holds hashes, and nobody may administer", () => {
  const consumers = [{ name: "gateway", password: "word" }];
  const file = usersFile({ consumers, operator: "o", probe: "p" });
  // As `printf word | sha256sum` says it.
  const hash = "98c1eb4ee93476743763878fcb96a25fbc9a175074d64004779ecb5242f645e6";
  expect(file.split("\n")).toEqual([
    "user default off resetpass resetkeys resetchannels -@all",
    expect.stringMatching(
      /^user operator on #[0-9a-f]{64} resetkeys resetchannels -@all \+config\|set \+acl\|users \+acl\|setuser \+acl\|deluser$/,
    ),
    expect.stringMatching(/^user probe on #[0-9a-f]{64} resetkeys resetchannels -@all \+ping$/),
    `user gateway on #${hash} ~* &* +@all -@admin -@dangerous +info +keys +sort`,
    "",
  ]);
});
