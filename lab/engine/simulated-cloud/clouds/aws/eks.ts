import type { Properties } from "../../../grpc/wire";
import type { CloudKind, Scene } from "../cloud-kind";
import { textAt, valueAt, valuesAt } from "../paths";
import { effectId, type World, type WorldObject } from "../world";
import { labelsAt } from "./boot-data";
import { zonesOf } from "./compute";
import { leavesInterfaces } from "./interfaces";
import { awsType } from "./references";

/** Where a cluster answers for which no lab stands: a name that is never resolved (RFC 2606). */
export const NO_ENDPOINT = "https://no-api-server.simulated.invalid";

const eksArn = (kind: string, id: string) => `arn:{partition}:eks:{region}:{account}:${kind}/${id}`;

/** EKS: clusters, their pools and who may use them. */
export const awsEks: Readonly<Record<string, CloudKind>> = {
  [awsType("eks/cluster")]: {
    id: "{name}",
    outputs: {
      arn: eksArn("cluster", "{name}"),
      clusterId: () => "",
      createdAt: "{now}",
      endpoint: () => NO_ENDPOINT,
      "certificateAuthority.data": () => Buffer.from("no certificate").toString("base64"),
      "identities[*].oidcs[*].issuer": "https://oidc.eks.{region}.amazonaws.com/id/{upper:32}",
      platformVersion: () => "eks.1",
      status: () => "ACTIVE",
      version: () => "1.36",
      "vpcConfig.clusterSecurityGroupId": "sg-{hex:17}",
      "vpcConfig.vpcId": vpcOf,
      "kubernetesNetworkConfig.serviceIpv4Cidr": () => "172.20.0.0/16",
      "kubernetesNetworkConfig.ipFamily": () => "ipv4",
      "accessConfig.authenticationMode": () => "CONFIG_MAP",
      "upgradePolicy.supportType": () => "EXTENDED",
    },
    defaults: { bootstrapSelfManagedAddons: true },
    ...leavesInterfaces("vpcConfig.subnetIds[*]", "vpcConfig.securityGroupIds[*]"),
    refuses: refuseCluster,
    applied: openCluster,
    removed: closeCluster,
  },
  [awsType("eks/nodeGroup")]: {
    id: "{clusterName}:{nodeGroupName}",
    autoname: "nodeGroupName",
    outputs: {
      arn: eksArn("nodegroup", "{clusterName}/{nodeGroupName}/{uuid}"),
      status: () => "ACTIVE",
      amiType: () => "AL2023_x86_64_STANDARD",
      capacityType: () => "ON_DEMAND",
      diskSize: () => 20,
      version: clusterVersion,
      "resources[*].autoscalingGroups[*].name": "eks-{nodeGroupName}-{uuid}",
    },
    ...leavesInterfaces("subnetIds[*]"),
    refuses: refusePool,
    applied: runNodes,
    removed: async ({ effects }, group) => effects?.removePool(effectId(group)),
  },
  [awsType("eks/addon")]: {
    id: "{clusterName}:{addonName}",
    autoname: "",
    outputs: {
      arn: eksArn("addon", "{clusterName}/{addonName}/{uuid}"),
      addonVersion: "v1.0.0-eksbuild.1",
      createdAt: "{now}",
      modifiedAt: "{now}",
    },
    refuses: refuseAddon,
  },
  [awsType("eks/accessEntry")]: {
    id: "{clusterName}:{principalArn}",
    outputs: {
      accessEntryArn: eksArn("access-entry", "{clusterName}/{uuid}"),
      createdAt: "{now}",
      modifiedAt: "{now}",
    },
    defaults: { type: "STANDARD" },
  },
  [awsType("eks/accessPolicyAssociation")]: {
    id: "{clusterName}#{principalArn}#{policyArn}",
    outputs: { associatedAt: "{now}", modifiedAt: "{now}" },
  },
  [awsType("eks/podIdentityAssociation")]: {
    id: "a-{hex:17}",
    outputs: {
      associationArn: eksArn("podidentityassociation", "{clusterName}/{id}"),
      associationId: "{id}",
    },
  },
  [awsType("eks/fargateProfile")]: {
    id: "{clusterName}:{fargateProfileName}",
    autoname: "fargateProfileName",
    outputs: { arn: eksArn("fargateprofile", "{clusterName}/{id}/{uuid}"), status: () => "ACTIVE" },
  },
};

function vpcOf({ inputs }: { inputs: Properties }, world: World): string {
  const [id] = valuesAt(inputs, "vpcConfig.subnetIds[*]");
  return textAt(
    world.all(awsType("ec2/subnet")).find((subnet) => subnet.id === id)?.inputs,
    "vpcId",
  );
}

function clusterVersion({ inputs }: { inputs: Properties }, world: World): string {
  return textAt(clusterOf(world, inputs)?.state, "version");
}

function clusterOf(world: World, inputs: Properties): WorldObject | undefined {
  return world.all(awsType("eks/cluster")).find(({ state }) => state.name === inputs.clusterName);
}

// EKS's own words: hashicorp/terraform-provider-aws internal/service/eks/cluster.go and consts.go.
function refuseCluster(
  { world }: Scene,
  { inputs, state }: WorldObject,
  step: "create" | "update" | "delete",
): string | undefined {
  if (step === "delete") {
    if (state.deletionProtection !== true) return undefined;
    return "api error InvalidRequestException: The cluster has deletion protection enabled; disable it first";
  }
  if (step === "update") return skippedMinor(world, inputs);
  const subnets = new Set(valuesAt(inputs, "vpcConfig.subnetIds[*]"));
  const places = world.all(awsType("ec2/subnet")).filter(({ id }) => subnets.has(id));
  const zones = new Set(places.map((subnet) => textAt(subnet.state, "availabilityZone")));
  if (places.length > 0 && zones.size < 2) {
    return "api error InvalidParameterException: Subnets specified must be in at least two different AZs";
  }
  return roleFault(world, inputs.roleArn, "eks.amazonaws.com");
}

/** EKS's words: rancher/rancher#26908. */
function skippedMinor(world: World, inputs: Properties): string | undefined {
  const before = world
    .all(awsType("eks/cluster"))
    .find(({ state }) => state.name === inputs.name)?.state;
  const [from, to] = [textAt(before, "version"), textAt(inputs, "version")];
  const steps = minorOf(to) - minorOf(from);
  if (to === "" || steps === 0 || steps === 1) return undefined;
  return `api error InvalidParameterException: Unsupported Kubernetes minor version update from ${from} to ${to}`;
}

/** EKS refuses such nodes; the words are not its own. */
function newerThanCluster(world: World, inputs: Properties): string | undefined {
  const [cluster, pool] = [clusterVersion({ inputs }, world), textAt(inputs, "version")];
  if (cluster === "" || pool === "" || minorOf(pool) <= minorOf(cluster)) return undefined;
  return `api error InvalidParameterException: the node group's version ${pool} is newer than the cluster's, ${cluster}`;
}

function minorOf(version: string): number {
  return Number(version.split(".")[1] ?? 0);
}

function refusePool(
  { world }: Scene,
  { inputs }: WorldObject,
  step: "create" | "update" | "delete",
): string | undefined {
  if (step === "delete") return undefined;
  const newer = newerThanCluster(world, inputs);
  if (newer !== undefined || step === "update") return newer;
  const status = textAt(clusterOf(world, inputs)?.state, "status");
  if (status !== "ACTIVE") {
    return `api error InvalidRequestException: Cluster '${textAt(inputs, "clusterName")}' is not in ACTIVE status`;
  }
  return roleFault(world, inputs.nodeRoleArn, "ec2.amazonaws.com");
}

function roleFault(world: World, arn: unknown, principal: string): string | undefined {
  const role = world.all(awsType("iam/role")).find(({ state }) => state.arn === arn);
  if (!role) return undefined;
  if (!textAt(role.inputs, "assumeRolePolicy").includes(principal)) {
    return (
      `api error InvalidParameterException: Role with arn: ${String(arn)}, could not be assumed because it ` +
      "does not exist or the trusted entity is not correct"
    );
  }
  const kinds = ["iam/rolePolicyAttachment", "iam/rolePolicy"];
  const attached = kinds.flatMap((kind) => world.all(awsType(kind)));
  const isAllowed =
    attached.some(({ inputs }) => inputs.role === role.id) ||
    valuesAt(role.inputs, "managedPolicyArns[*]").length > 0 ||
    valuesAt(role.inputs, "inlinePolicies[*]").length > 0;
  if (isAllowed) return undefined;
  return (
    `api error InvalidParameterException: The provided role doesn't have the Amazon EKS Managed Policies ` +
    `associated with it: ${String(arn)}`
  );
}

// pulumi/pulumi-eks#1819: add-ons that run as Deployments stay degraded until there are nodes.
function refuseAddon(
  { world }: Scene,
  { inputs }: WorldObject,
  step: "create" | "update" | "delete",
): string | undefined {
  const cluster = clusterOf(world, inputs);
  const name = textAt(inputs, "addonName");
  if (step !== "create" || !["coredns", "aws-ebs-csi-driver"].includes(name)) return undefined;
  const pools = ["eks/nodeGroup", "eks/fargateProfile"].flatMap((kind) => world.all(awsType(kind)));
  const hasNodes =
    pools.some((pool) => pool.inputs.clusterName === inputs.clusterName) ||
    valueAt(cluster?.inputs, "computeConfig.enabled") === true ||
    world
      .all(awsType("autoscaling/group"))
      .some((group) =>
        JSON.stringify(group.inputs).includes(`cluster/${textAt(inputs, "clusterName")}"`),
      );
  if (hasNodes) return undefined;
  return (
    `waiting for EKS Add-On (${textAt(inputs, "clusterName")}:${name}) create: timeout while waiting for state to ` +
    "become 'ACTIVE' (last state: 'DEGRADED'): the cluster has no nodes"
  );
}

async function openCluster({ effects }: Scene, cluster: WorldObject): Promise<Properties> {
  if (!effects) return {};
  const access = await effects.openCluster({
    id: effectId(cluster),
    type: cluster.type,
    name: textAt(cluster.state, "name"),
    region: cluster.scope,
  });
  return {
    endpoint: access.endpoint,
    certificateAuthority: { data: access.certificateAuthorityData },
  };
}

// EKS writes its last log lines after the cluster is gone: without its group it makes one of its own, which nobody
// deletes (terraform-aws-modules/terraform-aws-eks#920, #2763).
async function closeCluster(
  { world, effects, config }: Scene,
  cluster: WorldObject,
): Promise<void> {
  await effects?.closeCluster(effectId(cluster));
  const name = `/aws/eks/${cluster.id}/cluster`;
  const type = awsType("cloudwatch/logGroup");
  if (valuesAt(cluster.inputs, "enabledClusterLogTypes[*]").length === 0) return;
  if (world.all(type).some((group) => group.id === name)) return;
  const arn = `arn:${config.partition}:logs:${config.region}:${config.account}:log-group:${name}`;
  world.put({
    type,
    id: name,
    scope: cluster.scope,
    name: "left by EKS",
    urn: "",
    inputs: { name },
    state: { name, arn, retentionInDays: 0, region: config.region },
    hiddenCalls: 0,
  });
}

// EKS spells effects in capitals: NO_SCHEDULE is NoSchedule.
const EFFECTS: Readonly<Record<string, string>> = {
  NO_SCHEDULE: "NoSchedule",
  NO_EXECUTE: "NoExecute",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
};

async function runNodes(scene: Scene, group: WorldObject): Promise<Properties> {
  const { inputs } = group;
  const cluster = clusterOf(scene.world, inputs);
  if (!cluster || !scene.effects) return {};
  const [machineType] = valuesAt(inputs, "instanceTypes[*]");
  await scene.effects.setPool({
    id: effectId(group),
    clusterId: effectId(cluster),
    name: textAt(inputs, "nodeGroupName"),
    count: Number(valueAt(inputs, "scalingConfig.desiredSize") ?? 0),
    machineType: typeof machineType === "string" ? machineType : "t3.medium",
    zones: zonesOf(scene.world, group),
    labels: {
      ...labelsAt(inputs, "labels"),
      "eks.amazonaws.com/nodegroup": textAt(inputs, "nodeGroupName"),
    },
    taints: valuesAt(inputs, "taints[*]").map((taint) => ({
      key: textAt(taint, "key"),
      value: textAt(taint, "value"),
      effect: EFFECTS[textAt(taint, "effect")] ?? textAt(taint, "effect"),
    })),
  });
  return {};
}
