import { isProperties, type Properties } from "../../../grpc/wire";
import { labelsAt } from "../aws/boot-data";
import { NO_ENDPOINT } from "../aws/eks";
import type { CloudKind, Scene } from "../cloud-kind";
import { textAt, valuesAt } from "../paths";
import { effectId, type World, type WorldObject } from "../world";

const CLUSTER = "azure-native:containerservice:ManagedCluster";
const POOL = "azure-native:containerservice:AgentPool";

type InGroup = (path: string, outputs: CloudKind["outputs"], more: Partial<CloudKind>) => CloudKind;
type Locked = (scene: Scene, object: WorldObject) => string | undefined;

const PATH = "Microsoft.ContainerService/managedClusters/{resourceName}";
const NODE_GROUP = "MC_{resourceGroupName}_{resourceName}_{location}";

/** AKS: clusters, with the pools that they are made with, and agent pools beside. */
export function azureContainers(
  inGroup: InGroup,
  locked: Locked,
): Readonly<Record<string, CloudKind>> {
  return {
    [CLUSTER]: inGroup(PATH, clusterOutputs, {
      renews: ["currentKubernetesVersion"],
      check: clusterFaults,
      applied: openCluster,
      removed: closeCluster,
    }),
    [POOL]: inGroup(`${PATH}/agentPools/{agentPoolName}`, poolOutputs, {
      renews: ["currentOrchestratorVersion"],
      refuses: (scene, object, step) =>
        step === "delete"
          ? (locked(scene, object) ?? lastSystemPool(scene.world, object))
          : undefined,
      applied: async (scene, pool) => {
        const cluster = clusterOf(scene.world, pool.inputs);
        if (cluster) await runNodes(scene, cluster, effectId(pool), poolOf(pool));
        return {};
      },
      removed: async ({ effects }, pool) => effects?.removePool(effectId(pool)),
    }),
  };
}

const host = () => NO_ENDPOINT.replace("https://", "");

const clusterOutputs: CloudKind["outputs"] = {
  fqdn: host,
  privateFQDN: host,
  currentKubernetesVersion: ({ inputs }) => textAt(inputs, "kubernetesVersion") || "1.36.2",
  kubernetesVersion: () => "1.36.2",
  nodeResourceGroup: NODE_GROUP,
  "oidcIssuerProfile.issuerURL": "https://{location}.oic.prod-aks.azure.com/{tenant}/{uuid}/",
  "identityProfile.kubeletidentity.clientId": "{uuid}",
  "identityProfile.kubeletidentity.objectId": "{uuid}",
  "identityProfile.kubeletidentity.resourceId":
    `/subscriptions/{subscription}/resourceGroups/${NODE_GROUP}/providers/` +
    "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}-agentpool",
  "identity.principalId": "{uuid}",
  "identity.tenantId": "{tenant}",
  "powerState.code": () => "Running",
  maxAgentPools: () => 100,
};

const poolOutputs: CloudKind["outputs"] = {
  currentOrchestratorVersion: ({ inputs }) => textAt(inputs, "orchestratorVersion") || "1.36.2",
  nodeImageVersion: () => "AKSUbuntu-2404gen2containerd-202608.20.0",
  "powerState.code": () => "Running",
};

function clusterFaults({ agentPoolProfiles }: Properties) {
  const pools = Array.isArray(agentPoolProfiles) ? agentPoolProfiles : [];
  if (pools.some((pool) => textAt(pool, "mode") === "System") || agentPoolProfiles === undefined)
    return [];
  return [{ property: "agentPoolProfiles", reason: "must define at least one system pool" }];
}

function clusterOf(world: World, inputs: Properties): WorldObject | undefined {
  return world
    .all(CLUSTER)
    .find(
      (cluster) =>
        cluster.inputs.resourceGroupName === inputs.resourceGroupName &&
        cluster.state.name === inputs.resourceName,
    );
}

function poolOf({ inputs }: WorldObject): Properties {
  return { ...inputs, name: textAt(inputs, "agentPoolName") };
}

// The service refuses to lose its last pool of mode System.
function lastSystemPool(world: World, pool: WorldObject): string | undefined {
  const cluster = clusterOf(world, pool.inputs);
  if (!cluster || textAt(pool.inputs, "mode") !== "System") return undefined;
  const own = valuesAt(cluster.inputs, "agentPoolProfiles[*]").filter(
    (profile) => textAt(profile, "mode") === "System",
  );
  const beside = world
    .all(POOL)
    .filter(({ id, inputs }) => id !== pool.id && clusterOf(world, inputs)?.id === cluster.id)
    .filter(({ inputs }) => inputs.mode === "System");
  if (own.length + beside.length > 0) return undefined;
  return `Code="OperationNotAllowed" Message="There has to be at least one system agent pool: ${pool.id}"`;
}

async function openCluster(scene: Scene, cluster: WorldObject): Promise<Properties> {
  const { effects } = scene;
  if (!effects) return {};
  const id = effectId(cluster);
  const access = await effects.openCluster({
    id,
    type: cluster.type,
    name: textAt(cluster.state, "name"),
  });
  for (const profile of valuesAt(cluster.inputs, "agentPoolProfiles[*]")) {
    if (!isProperties(profile)) continue;
    await runNodes(scene, cluster, `${id}/agentPools/${textAt(profile, "name")}`, profile);
  }
  const fqdn = access.endpoint.replace(/^https:\/\//, "");
  return {
    fqdn,
    privateFQDN: fqdn,
    simulatedAuthority: access.certificateAuthorityData,
  };
}

// The pools that lie in the cluster go with it, as its node resource group does (Azure/AKS#942).
async function closeCluster({ world, effects }: Scene, cluster: WorldObject): Promise<void> {
  const id = effectId(cluster);
  for (const profile of valuesAt(cluster.inputs, "agentPoolProfiles[*]")) {
    await effects?.removePool(`${id}/agentPools/${textAt(profile, "name")}`);
  }
  for (const pool of world.all(POOL)) {
    if (clusterOf(world, pool.inputs)?.id !== cluster.id) continue;
    await effects?.removePool(effectId(pool));
    world.remove(pool);
  }
  await effects?.closeCluster(id);
}

async function runNodes(
  { effects }: Scene,
  cluster: WorldObject,
  id: string,
  pool: Properties,
): Promise<void> {
  const taints = [
    ...valuesAt(pool, "nodeTaints[*]"),
    ...valuesAt(pool, "nodeInitializationTaints[*]"),
  ];
  await effects?.setPool({
    id,
    clusterId: effectId(cluster),
    name: textAt(pool, "name"),
    count: Number(pool.count ?? pool.minCount ?? 0),
    machineType: textAt(pool, "vmSize"),
    zones: valuesAt(pool, "availabilityZones[*]").map(
      (zone) => `${textAt(cluster.state, "location")}-${String(zone)}`,
    ),
    labels: {
      ...labelsAt(pool, "nodeLabels"),
      "kubernetes.azure.com/agentpool": textAt(pool, "name"),
    },
    taints: taints.map((taint) => {
      const [, key = "", value = "", effect = ""] =
        /^([^=:]+)=?([^:]*):(.*)$/.exec(String(taint)) ?? [];
      return { key, value, effect };
    }),
  });
}
