import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { cloudClient } from "./cloud-client";
import { AWS, network } from "./aws-stand";

const GROUP = "azure-native:resources:ResourceGroup";
const VAULT = "azure-native:keyvault:Vault";
const properties = { sku: { family: "A", name: "standard" }, tenantId: "t" };

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-aftermath-"));
});
afterEach(() => {
  jest.useRealTimers();
  fs.rmSync(folder, { recursive: true });
});

const requests = () =>
  fs
    .readFileSync(path.join(folder, "requests.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
const notes = () => requests().flatMap((request) => request.notes ?? []);

describe("a name that is taken after a deletion", () => {
  test("Google never deletes a key ring: nobody gets its name again, not even after a restart", async () => {
    const ring = { name: "keys", location: "europe-west1" };
    const client = cloudClient({ stateFolder: folder });
    await client.remove(await client.make("gcp:kms/keyRing:KeyRing", "ring", ring));
    expect(client.clouds.world.all()).toEqual([]);
    const again = cloudClient({ stateFolder: folder });
    await expect(again.make("gcp:kms/keyRing:KeyRing", "ring", ring)).rejects.toThrow(
      "Error 409: KeyRing projects/lab-project/locations/europe-west1/keyRings/keys already exists",
    );
    await again.make("gcp:kms/keyRing:KeyRing", "ring", { ...ring, name: "others" });
    // A name that the provider makes up is another each time, which is how the library's own key gets along.
    const { name, ...unnamed } = ring;
    expect(name).toBe("keys");
    await again.make("gcp:kms/keyRing:KeyRing", "ring", unnamed);
  });

  test("a key of that ring neither; a Cloud SQL instance for a week", async () => {
    jest.useFakeTimers({ now: Date.parse("2026-11-01") });
    const client = cloudClient();
    const ring = await client.make("gcp:kms/keyRing:KeyRing", "r", { name: "r", location: "eu" });
    const key = { keyRing: ring.id, name: "k" };
    await client.remove(await client.make("gcp:kms/cryptoKey:CryptoKey", "k", key));
    const sql = { name: "db", databaseVersion: "POSTGRES_17", settings: { tier: "t" } };
    await client.remove(await client.make("gcp:sql/databaseInstance:DatabaseInstance", "db", sql));
    jest.setSystemTime(Date.parse("2026-11-07"));
    await expect(
      client.make("gcp:sql/databaseInstance:DatabaseInstance", "db", sql),
    ).rejects.toThrow("instanceAlreadyExists");
    jest.setSystemTime(Date.parse("2026-11-09"));
    await client.make("gcp:sql/databaseInstance:DatabaseInstance", "db", sql);
    await expect(client.make("gcp:kms/cryptoKey:CryptoKey", "k", key)).rejects.toThrow("CryptoKey");
  });

  test("Azure keeps a vault's name, in any group, for as long as the vault said", async () => {
    jest.useFakeTimers({ now: Date.parse("2026-11-01") });
    const client = cloudClient();
    for (const name of ["g", "h"]) await client.make(GROUP, name, { resourceGroupName: name });
    const vault = (resourceGroupName: string) => ({
      ...{ resourceGroupName, vaultName: "keys" },
      properties: { ...properties, softDeleteRetentionInDays: 7 },
    });
    await client.remove(await client.make(VAULT, "v", vault("g")));
    await expect(client.make(VAULT, "v", vault("h"))).rejects.toThrow('Code="ConflictError"');
    jest.setSystemTime(Date.parse("2026-11-09"));
    await client.make(VAULT, "v", vault("h"));
  });

  test("a secret of AWS for its recovery window, which may be none", async () => {
    const client = cloudClient();
    const SECRET = "aws:secretsmanager/secret:Secret";
    const at = (name: string, recoveryWindowInDays?: number) => ({
      name,
      ...(recoveryWindowInDays !== undefined && { recoveryWindowInDays }),
    });
    await client.remove(await client.make(SECRET, "s", at("kept")));
    await expect(client.make(SECRET, "s", at("kept"))).rejects.toThrow("scheduled for deletion");
    await client.remove(await client.make(SECRET, "s", at("gone", 0)));
    await client.make(SECRET, "s", at("gone", 0));
  });

  test("where the provider gets along with it the log alone says so", async () => {
    const client = cloudClient({ stateFolder: folder });
    await client.make(GROUP, "g", { resourceGroupName: "g" });
    const workspace = { resourceGroupName: "g", workspaceName: "logs" };
    const WORKSPACE = "azure-native:operationalinsights:Workspace";
    await client.remove(await client.make(WORKSPACE, "w", workspace));
    await client.make(WORKSPACE, "w", workspace);
    await client.remove(await client.make(AWS.queue, "q", { name: "q" }));
    await client.make(AWS.queue, "q", { name: "q" });
    expect(notes()).toEqual([
      expect.stringMatching(/workspaces\/logs was deleted a while ago: its workspace comes back/),
      expect.stringMatching(/\/q was deleted a while ago: repeated$/),
    ]);
  });
});

describe("interfaces that go later than who had them", () => {
  async function pool(client: ReturnType<typeof cloudClient>) {
    const net = await network(client);
    const group = await client.make(AWS.machines, "pool", {
      ...{ name: "pool", minSize: 0, maxSize: 0, vpcZoneIdentifiers: net.subnetIds.slice(0, 1) },
      launchTemplate: { id: (await client.make(AWS.template, "pool", { name: "pool" })).id },
    });
    return { ...net, group };
  }

  test("a subnet is gone once they are; another at once", async () => {
    const client = cloudClient({ stateFolder: folder });
    const { group, subnets } = await pool(client);
    await client.remove(group);
    for (const subnet of subnets) await client.remove(subnet);
    expect(notes().slice(-1)).toEqual([
      `${subnets[0]?.id ?? ""} has a dependent object, an interface of pool: repeated`,
    ]);
  });

  test("for as long as the simulation's clock says", async () => {
    const client = cloudClient({ stateFolder: folder });
    const { group, subnets } = await pool(client);
    fs.writeFileSync(path.join(folder, "settings.json"), JSON.stringify({ speed: 1 }));
    jest.useFakeTimers();
    const left = () => client.clouds.world.all(AWS.subnet).length;
    const removing = client.remove(group).then(() => client.remove(subnets[0]!));
    // The group's deletion takes 90 seconds, the subnet's two, and the interfaces stay for 60 between.
    await jest.advanceTimersByTimeAsync(120_000);
    expect(client.clouds.world.all(AWS.machines)).toEqual([]);
    expect(left()).toBe(2);
    await jest.advanceTimersByTimeAsync(60_000);
    await removing;
    expect(left()).toBe(1);
  });

  test("what is still there refuses as ever", async () => {
    const client = cloudClient();
    const { subnets } = await pool(client);
    await expect(client.remove(subnets[0]!)).rejects.toThrow("DependencyViolation");
  });
});
