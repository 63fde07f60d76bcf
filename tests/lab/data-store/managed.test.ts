import * as fs from "node:fs";
import * as path from "node:path";
import { repository } from "../../support/source-files";
import { variant } from "../../support/whole";
import { type Stage, stage } from "../engine/simulated-cloud/stage";

/** All six stores on networks of their own; of the first, configuration says whether it is there and what runs it. */
const PROGRAM = `
  import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
  import { Subnet } from "@pulumi/aws/ec2/subnet";
  import { Vpc } from "@pulumi/aws/ec2/vpc";
  import { Network } from "@pulumi/gcp/compute/network";
  import { Subnetwork } from "@pulumi/gcp/compute/subnetwork";
  import * as pulumi from "@pulumi/pulumi";
  import { AwsPostgres, AwsRedis } from "kvm-fabric/aws";
  import { AzureNetwork, AzurePostgres, AzureRedis } from "kvm-fabric/azure";
  import { GcpPostgres, GcpRedis } from "kvm-fabric/gcp";
  const config = new pulumi.Config();
  const deletionProtection = config.requireBoolean("protection");
  const version = config.require("version");
  const parameters = config.requireObject<Record<string, string>>("parameters");
  const allowedCidrs = ["10.0.0.0/20"];
  const stores = { allowedCidrs, deletionProtection };

  const vpc = new Vpc("net", { cidrBlock: "10.0.0.0/16" });
  const subnets = ["a", "b"].map((zone, index) => new Subnet("net-" + zone, {
    vpcId: vpc.id, cidrBlock: "10.0." + String(index) + ".0/24", availabilityZone: "eu-central-1" + zone,
  }));
  const nodes = new SecurityGroup("nodes", { vpcId: vpc.id });
  const privateSubnetIds = subnets.map(({ id }) => id);
  const awsNetwork = { privateSubnetIds, publicSubnetIds: [], vpcCidr: "10.0.0.0/16", vpcId: vpc.id };
  const onAws = { ...stores, network: awsNetwork, allowedSecurityGroupIds: [nodes.id] };

  const gcpNet = new Network("net", { autoCreateSubnetworks: false });
  const gcpSubnet = new Subnetwork("net", {
    network: gcpNet.id, ipCidrRange: "10.0.0.0/20", region: "europe-west1",
  });
  const gcpNetwork = {
    networkId: gcpNet.id, podRangeName: "pods", region: "europe-west1", serviceRangeName: "services",
    subnetworkId: gcpSubnet.id,
  };
  const onGcp = { ...stores, network: gcpNetwork };

  const azureNetwork = new AzureNetwork("net", { resourceGroupName: undefined });
  const onAzure = { ...stores, network: azureNetwork };

  const first = {
    there: () => new AwsPostgres("aws-db", {
      ...onAws, version, allowMajorUpgrade: config.getBoolean("upgrade") ?? false,
      caCertificate: "-----BEGIN CERTIFICATE-----\\n" + config.require("authority") + "\\n-----END CERTIFICATE-----\\n",
    }),
    elsewhere: () => new GcpPostgres("aws-db", { ...onGcp, version }),
  }[config.require("first")]!();
  const all = [
    first,
    new AwsRedis("aws-cache", { ...onAws, version: config.require("cache") }),
    new GcpPostgres("gcp-db", { ...onGcp, version: "17", parameters }),
    new GcpRedis("gcp-cache", onGcp),
  ];
  const azureDb = new AzurePostgres("azure-db", {
    ...onAzure, version: "17", subnetCidr: "10.0.240.0/28", storageGib: 32, parameters,
  });
  const azureCache = new AzureRedis(
    "azure-cache", { ...onAzure, subnetCidr: "10.0.240.16/28" }, { dependsOn: azureDb },
  );
  export const hosts = [...all, azureDb, azureCache].map((store) => store.host);
`;

const quiet = ["--skip-preview", "--non-interactive", "--yes"];

/** What holds data, by the beginning of its file's name in the folder of the simulated clouds. */
const STORES = [
  "DatabaseInstance.gcp-db",
  "Instance.aws-db",
  "Instance.cations-europe-west1-instances-gcp-cache",
  "RedisEnterprise",
  "ReplicationGroup.aws-cache",
  "Server",
];

function stores(): string[] {
  const objects = lab.objects();
  return STORES.filter((store) =>
    objects.some((object) => object.startsWith(`${store}.`) || object.startsWith(`${store}-`)),
  );
}

/** An object of the simulated clouds by the beginning of its file's name, changed behind the engine's back where asked. */
function object(prefix: string, change?: (kept: any) => void): any {
  const name = lab.objects().find((file) => file.startsWith(prefix));
  if (name === undefined) throw new Error(`no ${prefix} among:\n${lab.objects().join("\n")}`);
  const file = path.join(lab.clouds, "objects", name);
  const kept = JSON.parse(fs.readFileSync(file, "utf8"));
  change?.(kept);
  if (change) fs.writeFileSync(file, JSON.stringify(kept));
  return kept;
}

const count = (prefix: string) => lab.objects().filter((name) => name.startsWith(prefix)).length;

/** An update that goes through, after a change of configuration. */
async function updated(config: Record<string, string>, ...more: string[]): Promise<void> {
  for (const [key, value] of Object.entries(config)) await lab.pulumi("config", "set", key, value);
  const { code, output } = await lab.pulumi("up", ...quiet, ...more);
  expect(code === 0 ? "" : output).toBe("");
}

/** The error of a preview with some configuration, which is put back. */
async function refused(key: string, value: string, before: string): Promise<string> {
  await lab.pulumi("config", "set", key, value);
  const { code, output } = await lab.pulumi("preview", "--non-interactive");
  await lab.pulumi("config", "set", key, before);
  expect(code).not.toBe(0);
  return output;
}

let lab: Stage;

beforeAll(async () => {
  const config = {
    "aws:region": "eu-central-1",
    "gcp:project": "fabric-project",
    "gcp:region": "europe-west1",
    "azure-native:location": "westeurope",
    protection: "true",
    authority: "Q0E=",
    cache: "7.2",
    first: "there",
    parameters: '{"work_mem":"8192"}',
    version: "17",
  };
  lab = await stage(PROGRAM, config);
  // As the repository's own programs run: the library is TypeScript too.
  const tsconfig = { extends: path.join(repository, "tsconfig.run.json") };
  lab.lab.write({ "clouds/tsconfig.run.json": JSON.stringify(tsconfig) });
});
afterAll(() => {
  lab.close();
});

test("all six come up in one run, and a second changes nothing", async () => {
  const first = await lab.pulumi("up", ...quiet);
  expect(first.code === 0 ? "" : first.output).toBe("");
  const again = await lab.pulumi("up", ...quiet, "--expect-no-changes");
  expect(again.code === 0 ? "" : again.output).toBe("");
  expect(stores()).toEqual(STORES);
});

test("a preview refuses what a Postgres does not take back, and another that runs it", async () => {
  const upgrade = await refused("version", "18", "17");
  expect(upgrade).toContain("version: an upgrade in place of 17");
  expect(upgrade).toContain("allowMajorUpgrade: true");
  const moved = await refused("first", "elsewhere", "there");
  expect(moved).toContain("managed (AwsPostgres), whose data would stay behind");
});

test("guarded, destroy deletes nothing and says so", async () => {
  const before = lab.objects();
  const { code, output } = await lab.pulumi("destroy", "--yes", "--non-interactive");
  expect(code).not.toBe(0);
  expect(output).toContain("is protected");
  expect(lab.objects()).toEqual(before);
});

describe("guarded", () => {
  variant(
    "passwords are changed, and a new authority followed: each is a new version of the secret",
    async () => {
      const password = () => object("Instance.aws-db").inputs.password;
      const [before, versions] = [password(), count("SecretVersion.")];
      await updated({ authority: "TkVX" }, "--replace", "**-password");
      expect(password()).not.toBe(before);
      // Of the two on AWS and of Cloud SQL's: Memorystore's password is Google's to change.
      expect(count("SecretVersion.")).toBe(versions + 3);
      const [newest] = lab
        .objects()
        .filter((name) => name.includes("gcp-db-credentials-versions-2"));
      expect(newest).toBeDefined();
    },
  );

  variant("storage that grew by itself stays, and a parameter that is taken out goes", async () => {
    const [sql, server] = ["DatabaseInstance.gcp-db", "Server."];
    for (const side of ["inputs", "state"]) {
      object(sql, (kept) => (kept[side].settings.diskSize = 110));
      object(server, (kept) => (kept[side].storage.storageSizeGB = 64));
    }
    expect(lab.objects().join()).toContain("configurations-work_mem");
    await updated({ parameters: "{}" }, "--refresh");
    expect(object(sql).inputs.settings.diskSize).toBe(110);
    expect(object(server).inputs.storage.storageSizeGB).toBe(64);
    expect(lab.objects().join()).not.toContain("configurations-work_mem");
  });

  variant(
    "a major upgrade that is asked for waits for the window, and leaves the old parameters to it",
    async () => {
      await updated({ upgrade: "true", version: "18" });
      const { inputs } = object("Instance.aws-db");
      expect(inputs).toMatchObject({ engineVersion: "17", parameterGroupName: "aws-db-pg17" });
      expect([count("ParameterGroup.aws-db-pg17"), count("ParameterGroup.aws-db-pg18")]).toEqual([
        1, 1,
      ]);
    },
  );
});

variant(
  "with the guard switched off, an upgrade comes at once and the old parameters go",
  async () => {
    await updated({ protection: "false" });
    expect(object("Instance.aws-db").inputs).toMatchObject({
      engineVersion: "18",
      parameterGroupName: "aws-db-pg18",
    });
    await updated({ cache: "8.1" });
    expect(object("ReplicationGroup.aws-cache").inputs.parameterGroupName).toBe(
      "aws-cache-valkey8",
    );
    expect(count("ParameterGroup.aws-cache-")).toBe(1);
  },
);

variant("and destroy leaves nothing but what an upgrade left while guarded", async () => {
  const destroyed = await lab.pulumi("destroy", "--yes", "--non-interactive");
  expect(destroyed.code === 0 ? "" : destroyed.output).toBe("");
  expect(lab.objects().map((name) => name.replace(/\.[0-9a-f]+\.json$/, ""))).toEqual([
    "ParameterGroup.aws-db-pg17",
  ]);
});

variant("guarded and forced out of the state, every store stays in its cloud", async () => {
  await lab.pulumi("config", "set", "protection", "true");
  const up = await lab.pulumi("up", ...quiet);
  expect(up.code === 0 ? "" : up.output).toBe("");
  await lab.pulumi("state", "unprotect", "--all", "--yes");
  await lab.pulumi("destroy", "--yes", "--non-interactive");
  expect(stores()).toEqual(STORES);
});
