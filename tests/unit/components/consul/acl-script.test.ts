import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AclEntry,
  aclEntries,
  type ConsumerAccess,
  type ServiceScope,
} from "../../../../components/consul/acl";
import { aclFiles, aclSecretFiles } from "../../../../components/consul/acl-files";
import { ConsulRole } from "../../../../components/consul/args";
import { tokenFor } from "../../../../components/consul/tokens";
import { shellcheck } from "../../../support/shellcheck";
import { type FakeConsul, fakeConsul, type FakeOptions } from "./fake-consul";

const managementToken = tokenFor("seed", "management");
const scopes: ServiceScope[] = [{ match: "service", name: "w" }];
const workers: ConsumerAccess = { name: "workers", role: ConsulRole.Worker, scopes };
const gateway: ConsumerAccess = { name: "gateway", role: ConsulRole.Gateway, scopes };
const entries = aclEntries("fabric", [workers, gateway]);
const COUNT = 4;

let folder: string;
let consul: FakeConsul;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acl-script-"));
  mkdirSync(join(folder, "tmp"));
});
afterEach(async () => {
  await consul.close();
  rmSync(folder, { recursive: true });
});

async function start(options: Partial<FakeOptions> = {}) {
  consul = await fakeConsul({ managementToken, ...options });
}

function write(name: string, files: Record<string, string>): string {
  const path = join(folder, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

async function run(wanted: AclEntry[] = entries, seed = "seed", environment = {}) {
  const files = write("files", aclFiles(wanted));
  const secrets = write(
    "secrets",
    aclSecretFiles(wanted, managementToken, (purpose) => tokenFor(seed, purpose)),
  );
  const child = spawn("sh", ["-x", join(files, "apply.sh")], {
    env: {
      PATH: process.env.PATH,
      TMPDIR: join(folder, "tmp"),
      CONSUL_HTTP_ADDR: consul.address,
      CONSUL_CACERT: "/dev/null",
      FILES: files,
      SECRETS: secrets,
      WAIT_SECONDS: "4",
      ...environment,
    },
  });
  let out = "";
  let trace = "";
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  child.stderr.on("data", (chunk) => (trace += String(chunk)));
  const code = await new Promise((resolve) => child.on("close", resolve));
  return { code, out, trace };
}

test.each([403, 404] as const)("makes every policy and token (missing: %i)", async (missing) => {
  await start({ missing });
  const { code, out } = await run();
  expect(code).toBe(0);
  expect(out).toContain(`done, ${2 * COUNT} changes`);
  expect(consul.changes.filter((c) => c === "PUT /v1/acl/policy")).toHaveLength(COUNT);
  expect(consul.changes.filter((c) => c === "PUT /v1/acl/token")).toHaveLength(COUNT);
  const rules = Object.fromEntries([...consul.policies.values()].map((p) => [p.Name, p.Rules]));
  expect(rules).toEqual(Object.fromEntries(entries.map((e) => [e.policyName, e.rules])));
  for (const { accessorId, policyName, purpose } of entries) {
    expect(consul.tokens.get(accessorId)).toMatchObject({
      SecretID: tokenFor("seed", purpose),
      Policies: [{ Name: policyName }],
    });
  }
});

test("changes nothing the second time", async () => {
  await start();
  await run();
  consul.changes.length = 0;
  const { code, out } = await run();
  expect([code, consul.changes]).toEqual([0, []]);
  expect(out).toContain("done, 0 changes");
});

test("takes up what an interrupted run left", async () => {
  await start();
  await run();
  const [, , third] = entries;
  consul.tokens.delete(third!.accessorId);
  consul.changes.length = 0;
  expect((await run()).code).toBe(0);
  expect(consul.changes).toEqual(["PUT /v1/acl/token"]);
});

test("puts back rules that somebody widened", async () => {
  await start();
  await run();
  const policy = [...consul.policies.values()].find((p) => p.Name === "fabric-for-gateway");
  policy.Rules = `${String(policy.Rules)}acl = "write"\n`;
  consul.changes.length = 0;
  await run();
  expect(consul.changes).toEqual([`PUT /v1/acl/policy/${policy.ID}`]);
  expect(consul.policies.get(policy.ID).Rules).toBe(
    'service "w" {\n  policy = "read"\n}\nnode_prefix "" {\n  policy = "read"\n}\n',
  );
});

test("takes a second policy from a token that was given one", async () => {
  await start();
  await run();
  const { accessorId, policyName } = entries[3]!;
  const [other] = [...consul.policies.values()];
  consul.tokens.get(accessorId).Policies.push({ ID: other.ID, Name: other.Name });
  consul.changes.length = 0;
  await run();
  expect(consul.changes).toEqual([`PUT /v1/acl/token/${accessorId}`]);
  const names = consul.tokens.get(accessorId).Policies.map((p: any) => p.Name);
  expect(names).toEqual([policyName]);
});

test("makes tokens anew where their secrets changed", async () => {
  await start();
  await run();
  consul.changes.length = 0;
  expect((await run(entries, "other seed")).code).toBe(0);
  expect(consul.changes).toHaveLength(2 * COUNT);
  expect(consul.tokens.get(entries[2]!.accessorId).SecretID).toBe(
    tokenFor("other seed", "consumer/workers"),
  );
});

test("takes back the token of a consumer that is gone, and nobody else's", async () => {
  await start();
  await run();
  consul.tokens.set("ffffffff-0000-0000-0000-000000000000", {
    AccessorID: "ffffffff-0000-0000-0000-000000000000",
    SecretID: "x",
    Description: "made by hand",
    Policies: [],
  });
  consul.changes.length = 0;
  expect((await run(aclEntries("fabric", [workers]))).code).toBe(0);
  const gone = entries.find(({ key }) => key === "for-gateway")!.accessorId;
  expect(consul.changes).toEqual([`DELETE /v1/acl/token/${gone}`]);
  expect(consul.tokens.has("ffffffff-0000-0000-0000-000000000000")).toBe(true);
});

test("silences an anonymous token that was given rights", async () => {
  await start();
  await run();
  const anonymous = consul.tokens.get("00000000-0000-0000-0000-000000000002");
  anonymous.Policies = [{ ID: "1", Name: "fabric-for-workers" }];
  await run();
  expect(consul.tokens.get(anonymous.AccessorID).Policies).toEqual([]);
});

test("waits until Consul has taken the management token in", async () => {
  await start({ notYet: 1 });
  expect((await run()).code).toBe(0);
});

test("gives up with the last answer where Consul does not", async () => {
  await start({ managementToken: "another" });
  const { code, trace } = await run(entries, "seed", { WAIT_SECONDS: "0" });
  expect(code).toBe(1);
  expect(trace).toContain("Consul does not take the management token, last answer 403");
  expect(consul.changes).toEqual([]);
});

test("shows no secret in any argument or in the log, and leaves no file", async () => {
  await start();
  const { out, trace } = await run();
  const secrets = [managementToken, ...entries.map(({ purpose }) => tokenFor("seed", purpose))];
  // The trace holds every command of the shell with its arguments.
  expect(trace).toContain("curl");
  for (const secret of secrets) {
    expect(out).not.toContain(secret);
    expect(trace).not.toContain(secret);
  }
  expect(readdirSync(join(folder, "tmp"))).toEqual([]);
});

test("is plain POSIX shell", async () => {
  await start();
  const script = join(write("files", aclFiles(entries)), "apply.sh");
  expect(await shellcheck(readFileSync(script, "utf8"), ["SC2153"])).toBe("");
  expect(spawnSync("sh", ["-n", script]).status).toBe(0);
});
