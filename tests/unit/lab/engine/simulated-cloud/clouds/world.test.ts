import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { RpcError } from "../../../../../../lab/engine/grpc/rpc-error";
import { secret } from "../../../../../../lab/engine/grpc/wire";
import { World } from "../../../../../../lab/engine/simulated-cloud/clouds/world";
import { AWS, network } from "./aws-stand";
import { cloudClient } from "./cloud-client";

let stateFolder: string;
beforeEach(() => {
  stateFolder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-world-"));
});
afterEach(() => {
  fs.rmSync(stateFolder, { recursive: true });
});

const behave = (settings: object) => {
  fs.writeFileSync(path.join(stateFolder, "settings.json"), JSON.stringify(settings));
};
const requests = () =>
  fs
    .readFileSync(path.join(stateFolder, "requests.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { operation: string; outcome: string; notes?: string[] });

test("the world outlives its process, and what is removed from its folder is gone", async () => {
  const { vpc, subnets } = await network(cloudClient({ stateFolder }));
  const next = cloudClient({ stateFolder });
  expect((await next.read(vpc)).state).toEqual(vpc.state);
  const objects = path.join(stateFolder, "objects");
  for (const file of fs.readdirSync(objects)) {
    if (file.startsWith("Subnet.")) fs.rmSync(path.join(objects, file));
  }
  for (const subnet of subnets) expect((await next.read(subnet)).id).toBe("");
  next.clouds.world.refresh();
  expect(next.clouds.world.all(AWS.subnet)).toEqual([]);
});

test("what somebody changed in the folder is read as drift", async () => {
  const client = cloudClient({ stateFolder });
  const { vpc } = await network(client);
  const objects = path.join(stateFolder, "objects");
  const [file = ""] = fs.readdirSync(objects).filter((name) => name.startsWith("Vpc."));
  const text = fs.readFileSync(path.join(objects, file), "utf8");
  fs.writeFileSync(path.join(objects, file), text.replaceAll("10.0.0.0/16", "10.9.0.0/16"));
  fs.utimesSync(path.join(objects, file), new Date(), new Date(Date.now() + 5000));
  const { inputs, state } = await client.read(vpc);
  expect([inputs?.cidrBlock, state?.cidrBlock]).toEqual(["10.9.0.0/16", "10.9.0.0/16"]);
});

test("only its owner reads the world", async () => {
  const client = cloudClient({ stateFolder });
  await client.make(AWS.queue, "q", { name: secret("hidden") });
  for (const file of fs.readdirSync(path.join(stateFolder, "objects"))) {
    expect(fs.statSync(path.join(stateFolder, "objects", file)).mode & 0o077).toBe(0);
  }
});

test("every call is logged with its outcome", async () => {
  const client = cloudClient({ stateFolder });
  const { vpc } = await network(client);
  await expect(client.remove(vpc)).rejects.toThrow("DependencyViolation");
  const logged = requests();
  expect(logged.map(({ operation }) => operation)).toEqual([
    ...Array<string>(4).fill("create"),
    "delete",
  ]);
  expect(logged.at(-1)?.outcome).toContain("DependencyViolation");
});

describe("faults", () => {
  const fault = { match: "ec2/vpc:Vpc net", operation: "create", message: "InternalError" };
  const made = (client: ReturnType<typeof cloudClient>) =>
    client.make(AWS.vpc, "net", { cidrBlock: "10.0.0.0/16" });

  test.each([
    ["before", 0],
    ["after", 1],
    ["partial", 1],
  ])("%s: %d objects are left", async (when, left) => {
    behave({ faults: [{ ...fault, when }] });
    const client = cloudClient({ stateFolder });
    const error: unknown = await made(client).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Error);
    expect(client.clouds.world.all(AWS.vpc)).toHaveLength(left);
    const details = error instanceof RpcError ? error.metadata.get("grpc-status-details-bin") : [];
    expect(details).toHaveLength(when === "partial" ? 1 : 0);
    await made(client);
  });

  test("on deletion, before and after it happened", async () => {
    const client = cloudClient({ stateFolder });
    const vpc = await made(client);
    behave({ faults: [{ ...fault, operation: "delete", when: "before" }] });
    await expect(client.remove(vpc)).rejects.toThrow("InternalError");
    expect(client.clouds.world.all()).toHaveLength(1);
    behave({ faults: [{ ...fault, operation: "delete", when: "after", nth: 1 }] });
    await expect(client.remove(vpc)).rejects.toThrow("InternalError");
    expect(client.clouds.world.all()).toHaveLength(0);
    await client.remove(vpc);
  });
});

describe("eventual consistency", () => {
  const subnet = (client: ReturnType<typeof cloudClient>, vpcId: string) =>
    client.make(AWS.subnet, "s", { vpcId, cidrBlock: "10.0.0.0/24" });

  test("what is not seen yet is looked for again", async () => {
    behave({ consistency: [{ match: "ec2/vpc", hiddenCalls: 3 }] });
    const client = cloudClient({ stateFolder });
    const vpc = await client.make(AWS.vpc, "net", { cidrBlock: "10.0.0.0/16" });
    await subnet(client, vpc.id);
    expect(requests().at(-1)?.notes).toHaveLength(3);
  });

  test("or is missing for so many calls, where the provider does not repeat", async () => {
    behave({ consistency: [{ match: "ec2/vpc", hiddenCalls: 2, surfaces: true }] });
    const client = cloudClient({ stateFolder });
    const vpc = await client.make(AWS.vpc, "net", { cidrBlock: "10.0.0.0/16" });
    await expect(subnet(client, vpc.id)).rejects.toThrow("InvalidVpcID.NotFound");
    expect((await client.read(vpc)).id).toBe("");
    await subnet(client, vpc.id);
  });
});

test("what exists outside is said to, and may be referred to", async () => {
  behave({ existing: ["^vpc-0adopted$"] });
  const client = cloudClient({ stateFolder });
  const inputs = { vpcId: "vpc-0adopted", cidrBlock: "10.0.0.0/24" };
  await client.make(AWS.subnet, "s", inputs);
  await expect(client.make(AWS.subnet, "t", { ...inputs, vpcId: "vpc-0other" })).rejects.toThrow(
    "NotFound",
  );
});

test("calls take the published time, so many times faster", async () => {
  behave({ speed: 100 });
  const client = cloudClient({ stateFolder });
  const start = performance.now();
  await client.make(AWS.vpc, "net", { cidrBlock: "10.0.0.0/16" });
  expect(performance.now() - start).toBeGreaterThan(145);
});

test("a write touches its object alone, however many there are", () => {
  const world = new World(stateFolder);
  const put = (index: number) => {
    const id = `vpc-${index}`;
    const object = { type: AWS.vpc, id, scope: "", name: id, urn: id, inputs: {}, state: {} };
    world.put({ ...object, hiddenCalls: 0 });
  };
  const inodes = () =>
    fs
      .readdirSync(stateFolder)
      .map((name) => `${name} ${fs.statSync(path.join(stateFolder, name)).ino}`);
  for (let index = 0; index < 1000; index += 1) put(index);
  const before = new Set(inodes());
  const looks = [jest.spyOn(fs, "readdirSync"), jest.spyOn(fs, "readFileSync")];
  put(1000);
  put(7);
  for (const look of looks) {
    expect(look).not.toHaveBeenCalled();
    look.mockRestore();
  }
  const after = inodes();
  expect(before.size).toBe(1000);
  expect(after).toHaveLength(1001);
  const written = after.filter((file) => !before.has(file));
  expect(written.map((file) => file.split(" ")[0]).sort()).toEqual(
    ["vpc-1000", "vpc-7"].map((id) => expect.stringContaining(id)),
  );
});
