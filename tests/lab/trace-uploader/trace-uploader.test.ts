import * as path from "node:path";
import { repository } from "../../support/source-files";
import { type Stage, stage } from "../engine/simulated-cloud/stage";

/** An uploader on each cloud, guarded or not by configuration; networks are given by their ids. */
const PROGRAM = `
  import * as ec2 from "@pulumi/aws/ec2";
  import * as compute from "@pulumi/gcp/compute";
  import * as azureNetwork from "@pulumi/azure-native/network";
  import * as resources from "@pulumi/azure-native/resources";
  import * as pulumi from "@pulumi/pulumi";
  import * as aws from "kvm-fabric/aws";
  import * as azure from "kvm-fabric/azure";
  import * as gcp from "kvm-fabric/gcp";
  const config = new pulumi.Config();
  const queen = {
    caCertificate: "authority", clientCertificate: "certificate", clientKey: config.requireSecret("key"),
    host: "queen.example", serverName: "queen",
  };
  const common = { deletionProtection: config.requireBoolean("guarded"), queen };
  const vpc = new ec2.Vpc("vpc", { cidrBlock: "10.0.0.0/16" });
  const subnet = new ec2.Subnet("subnet", { vpcId: vpc.id, cidrBlock: "10.0.0.0/24" });
  new aws.AwsTraceUploader("aws-traces", {
    ...common, storePrefixListId: "pl-6ea54007",
    network: { privateSubnetIds: [subnet.id], publicSubnetIds: [], vpcCidr: vpc.cidrBlock, vpcId: vpc.id },
  });
  const network = new compute.Network("network", { autoCreateSubnetworks: false });
  const subnetwork = new compute.Subnetwork("subnetwork", {
    network: network.id, ipCidrRange: "10.0.0.0/20", region: "europe-west1",
  });
  new gcp.GcpTraceUploader("gcp-traces", {
    ...common, queenCidrs: ["10.0.0.0/20"],
    network: {
      networkId: network.id, region: "europe-west1",
      podRangeName: "pods", serviceRangeName: "services", subnetworkId: subnetwork.id,
    },
  });
  const group = new resources.ResourceGroup("group", { resourceGroupName: "fabric", location: "westeurope" });
  const vnet = new azureNetwork.VirtualNetwork("vnet", {
    resourceGroupName: group.name, location: group.location, virtualNetworkName: "fabric",
    addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
  });
  new azure.AzureTraceUploader("azure-traces", {
    ...common, queenCidrs: ["10.0.0.0/20"], subnetCidr: "10.0.250.0/27",
    network: {
      location: group.location, nodeSubnetId: "unused", resourceGroupName: group.name,
      vnetCidr: "10.0.0.0/16", vnetId: vnet.id,
    },
  });
`;

let lab: Stage;
const quiet = ["--skip-preview", "--non-interactive", "--yes"];

beforeAll(async () => {
  lab = await stage(PROGRAM, {
    "aws:region": "eu-central-1",
    "azure-native:location": "westeurope",
    "gcp:project": "fabric-123456",
    "gcp:region": "europe-west1",
    guarded: "true",
    key: "the private key",
  });
  // As the repository's own programs run: the library is TypeScript too.
  const tsconfig = { extends: path.join(repository, "tsconfig.run.json") };
  lab.lab.write({ "clouds/tsconfig.run.json": JSON.stringify(tsconfig) });
});
afterAll(() => {
  lab.close();
});

test("on every cloud it comes up in one run, and a second changes nothing", async () => {
  const first = await lab.pulumi("up", ...quiet);
  expect(first.code === 0 ? "" : first.output).toBe("");
  const again = await lab.pulumi("up", ...quiet, "--expect-no-changes");
  expect(again.code === 0 ? "" : again.output).toBe("");
});

test("the key is nowhere in plain text: not in the state, and not in what the engine says", async () => {
  const { code, output } = await lab.pulumi("stack", "export");
  expect(code).toBe(0);
  expect(output).toContain("aws-traces-queen-identity");
  expect(output).not.toContain("the private key");
});

/** What destroy leaves of the uploaders, by the kinds that hold data and keys. */
const KEPT = [
  "BlobContainer",
  "BlobServiceProperties",
  "Bucket",
  "Bucket",
  "BucketLifecycleConfiguration",
  "BucketOwnershipControls",
  "BucketPolicy",
  "BucketPublicAccessBlock",
  "BucketServerSideEncryptionConfiguration",
  "BucketVersioning",
  "Key",
  "LogGroup",
  "ManagementLockByScope",
  "ManagementPolicy",
  "ProjectBucketConfig",
  "StorageAccount",
  "Vault",
  "Workspace",
];
const kept = () => {
  const kinds = lab.objects().map((file) => file.split(".")[0] ?? "");
  return kinds.filter((kind) => KEPT.includes(kind)).sort();
};

test("destroy of what is guarded is refused, and says which", async () => {
  const before = lab.objects();
  const { code, output } = await lab.pulumi("destroy", "--yes", "--non-interactive");
  expect(code).not.toBe(0);
  expect(output).toMatch(
    /-traces-(traces|logs|key|vault)" cannot be deleted\s+because it is protected/,
  );
  expect(lab.objects()).toEqual(before);
});

test("without what is guarded, it takes all else, and says that some is left", async () => {
  const { code, output } = await lab.pulumi("destroy", ...quiet, "--exclude-protected");
  expect(code).toBe(0);
  expect(output).toMatch(/There are still \d+ protected resources associated with this stack/);
  expect(kept()).toEqual(KEPT);
  const running = /^(Function|Schedule|Job|WebApp|Subscription|Secret|Role|RolePolicy)\./;
  expect(lab.objects().filter((file) => running.test(file))).toEqual([]);
});

test("and where Pulumi's guard is taken away, all of it stays all the same, if need be by Azure's lock", async () => {
  expect(await lab.pulumi("state", "unprotect", "--all", "--yes")).toMatchObject({ code: 0 });
  const { code, output } = await lab.pulumi("destroy", ...quiet);
  // The program's resource group would take the account along.
  expect(code).not.toBe(0);
  expect(output).toMatch(/group.*ScopeLocked/);
  expect(output).toContain("retain");
  expect(kept()).toEqual(KEPT);
});
