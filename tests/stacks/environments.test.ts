import { awsClusterArgs, awsNetworkArgs, isForAws } from "../../stacks/aws-arguments";
import { azureClusterArgs, azureNetworkArgs, isForAzure } from "../../stacks/azure-arguments";
import { servicesPoolOf, systemPoolOf } from "../../stacks/cloud-defaults";
import { parseConfig } from "../../stacks/config";
import { Environment } from "../../stacks/environments";
import { faultsOf, settingsOf, TODAY } from "../support/stack-settings";

const FILES = [
  "Pulumi.prod.yaml",
  "tests/stacks/settings/Pulumi.gcp.yaml",
  "tests/stacks/settings/Pulumi.azure.yaml",
];

/** A stack file's configuration, checked, after a change. */
function configOf(file: string, change: (fabric: any) => void) {
  const settings = settingsOf(file);
  change(settings);
  const result = parseConfig(settings, {}, TODAY);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.plan;
}

function aws(change: (fabric: any) => void) {
  const config = configOf("Pulumi.prod.yaml", (fabric) => {
    delete fabric.aws.network.natMode;
    change(fabric);
  });
  if (!isForAws(config) || config.aws.network === undefined) throw new Error("not AWS");
  const network = { privateSubnetIds: [], publicSubnetIds: [], vpcCidr: "", vpcId: "" };
  const { flowLogs, natMode } = awsNetworkArgs(config, config.aws.network);
  const { logRetentionDays, systemPool } = awsClusterArgs(config, network);
  const days = [logRetentionDays, flowLogs?.retentionDays];
  return { days, natMode, minNodes: systemPool.minNodes };
}

test.each(FILES.flatMap((file) => Object.values(Environment).map((name) => [file, name] as const)))(
  "%s may be of environment %s: what it stands for is refused by no cloud",
  (file, environment) => {
    expect(faultsOf(file, (fabric) => void (fabric.environment = environment))).toEqual([]);
  },
);

test.each([
  ["dev", { days: [30, 30], natMode: "single", minNodes: 2 }],
  ["staging", { days: [90, 90], natMode: "single", minNodes: 3 }],
  ["prod", { days: [365, 365], natMode: "per-zone", minNodes: 3 }],
  ["dr", { days: [365, 365], natMode: "per-zone", minNodes: 3 }],
])("what %s stands for on AWS", (environment, expected) => {
  expect(aws((fabric) => void (fabric.environment = environment))).toEqual(expected);
});

test("the stack's own settings go before its environment's", () => {
  const own = aws(({ aws: settings }) => {
    settings.network.natMode = "single";
    settings.network.flowLogs = { retentionDays: 7 };
    settings.cluster.logRetentionDays = 14;
    settings.cluster.systemPool.minNodes = 4;
  });
  expect(own).toEqual({ days: [14, 7], natMode: "single", minNodes: 4 });
});

test("Azure's flow logs are kept as long as the environment says, where there are any", () => {
  const config = configOf("tests/stacks/settings/Pulumi.azure.yaml", ({ azure }) => {
    azure.network.flowLogs = { storageAccountId: "/storage" };
  });
  if (!isForAzure(config) || config.azure.network === undefined) throw new Error("not Azure");
  expect(azureNetworkArgs(config, config.azure.network).flowLogs?.retentionDays).toBe(365);
  expect(azureNetworkArgs(config, {}).flowLogs).toBeUndefined();
  const network = { ...{ location: "", nodeSubnetId: "", resourceGroupName: "" }, vnetCidr: "" };
  const args = azureClusterArgs(config, { ...network, vnetId: "" });
  expect(args.logs?.retentionDays).toBe(365);
});

test.each([
  [{}, { minNodes: 3 }],
  [{ maxNodes: 2 }, { minNodes: 2, maxNodes: 2 }],
  [{ maxNodes: 9 }, { minNodes: 3, maxNodes: 9 }],
  [{ minNodes: 1 }, { minNodes: 1 }],
  // Refused for its most, which the user wrote, not for a least that the environment gave.
  [{ maxNodes: 1 }, { minNodes: 3, maxNodes: 1 }],
])("a system pool of %j in prod", (pool, expected) => {
  const config = configOf("Pulumi.prod.yaml", () => undefined);
  expect(systemPoolOf(config, pool)).toEqual(expected);
});

test.each([
  [{}, { minNodes: 5 }],
  [{ maxNodes: 9 }, { minNodes: 5, maxNodes: 9 }],
  [{ minNodes: 4 }, { minNodes: 4 }],
  [{ maxNodes: 4 }, { minNodes: 4, maxNodes: 4 }],
])(
  "a pool of services of %j in prod, whose five Consul servers share no node",
  (pool, expected) => {
    const config = configOf("Pulumi.prod.yaml", () => undefined);
    expect(servicesPoolOf(config, pool)).toEqual(expected);
  },
);

test("a pool of services has a node for each Consul server that the stack runs itself", () => {
  const three = configOf("Pulumi.prod.yaml", ({ consul }) => (consul.servers = 1));
  expect(servicesPoolOf(three, {})).toEqual({ minNodes: 3 });
  const elsewhere = { address: "https://consul.example.com", caCertificate: "" };
  const external = { ...three, consul: { ...three.consul, external: elsewhere } };
  expect(servicesPoolOf(external, {})).toEqual({});
});
