import { isProperties, type Properties } from "../../../grpc/wire";
import { labelsAt } from "../aws/boot-data";
import { NO_ENDPOINT } from "../aws/eks";
import type { CloudKind, Draft, Scene } from "../cloud-kind";
import { textAt, valueAt, valuesAt } from "../paths";
import { effectId, type World, type WorldObject } from "../world";
import { gcpType } from "./references";

const location: (draft: Draft) => string = ({ inputs, config }) =>
  textAt(inputs, "location") || config.zone || config.region;

/** GKE: clusters and their node pools. */
export const gcpContainer: Readonly<Record<string, CloudKind>> = {
  [gcpType("container/cluster")]: {
    id: (draft) =>
      `projects/${draft.config.project}/locations/${location(draft)}/clusters/${textAt(draft.inputs, "name")}`,
    outputs: {
      location,
      selfLink: (draft) =>
        `https://container.googleapis.com/v1/projects/${draft.config.project}/locations/${location(draft)}/clusters/${textAt(draft.inputs, "name")}`,
      endpoint: () => host(NO_ENDPOINT),
      masterVersion: (draft) => versionOf(draft, "minMasterVersion"),
      nodeVersion: (draft) => versionOf(draft, "minMasterVersion"),
      nodeLocations: zones,
      servicesIpv4Cidr: "34.118.224.0/20",
      "masterAuth.clusterCaCertificate": () => Buffer.from("no certificate").toString("base64"),
    },
    renews: ["masterVersion"],
    defaults: { deletionProtection: true, network: "default", enableShieldedNodes: true },
    check: ({ removeDefaultNodePool, initialNodeCount, nodePools, enableAutopilot }) =>
      removeDefaultNodePool === true ||
      initialNodeCount !== undefined ||
      nodePools !== undefined ||
      enableAutopilot === true
        ? []
        : [
            {
              property: "initialNodeCount",
              reason: "must be set where neither nodePools nor enableAutopilot is",
            },
          ],
    refuses: (_, { state }, step) =>
      step === "delete" && state.deletionProtection !== false
        ? "Cannot destroy cluster because deletion_protection is set to true. Set it to false to proceed with cluster deletion."
        : undefined,
    applied: openCluster,
    removed: closeCluster,
  },
  [gcpType("container/nodePool")]: {
    id: ({ inputs, config }, world) => {
      const cluster = clusterOf(world, inputs);
      const place =
        textAt(inputs, "location") || textAt(cluster?.state, "location") || config.region;
      const name = textAt(cluster?.state, "name") || textAt(inputs, "cluster");
      return `projects/${config.project}/locations/${place}/clusters/${name}/nodePools/${textAt(inputs, "name")}`;
    },
    outputs: {
      location: ({ inputs }, world) => textAt(clusterOf(world, inputs)?.state, "location"),
      version: ({ inputs }, world) => textAt(clusterOf(world, inputs)?.state, "masterVersion"),
      nodeLocations: ({ inputs }, world) =>
        valueAt(clusterOf(world, inputs)?.state, "nodeLocations"),
      nodeCount: ({ inputs }) => inputs.nodeCount ?? inputs.initialNodeCount ?? 0,
      initialNodeCount: ({ inputs }) => inputs.nodeCount ?? 0,
      maxPodsPerNode: () => 110,
    },
    refuses: refusePool,
    applied: runNodes,
    removed: async ({ effects }, pool) => effects?.removePool(effectId(pool)),
  },
};

function versionOf({ inputs }: Draft, property: string): string {
  const wanted = textAt(inputs, property);
  if (wanted === "" || wanted === "latest") return "1.36.3-gke.1640000";
  return wanted.includes("-gke.")
    ? wanted
    : `${wanted}${wanted.split(".").length < 3 ? ".3" : ""}-gke.1640000`;
}

function zones(draft: Draft): unknown {
  const place = location(draft);
  return /-[a-z]$/.test(place) ? [] : ["a", "b", "c"].map((zone) => `${place}-${zone}`);
}

function host(endpoint: string): string {
  return endpoint.replace(/^https:\/\//, "");
}

function clusterOf(world: World, inputs: Properties): WorldObject | undefined {
  const wanted = textAt(inputs, "cluster");
  return world
    .all(gcpType("container/cluster"))
    .find(({ id, state }) => id === wanted || state.name === wanted);
}

// The API gives the host alone, the lab's server has a port of its own besides.
async function openCluster({ effects }: Scene, cluster: WorldObject): Promise<Properties> {
  if (!effects) return {};
  const name = textAt(cluster.state, "name");
  const access = await effects.openCluster({ id: effectId(cluster), type: cluster.type, name });
  const endpoint = host(access.endpoint);
  const { masterAuth, privateClusterConfig, controlPlaneEndpointsConfig } = cluster.state;
  return {
    endpoint,
    masterAuth: {
      ...(isProperties(masterAuth) && masterAuth),
      clusterCaCertificate: access.certificateAuthorityData,
    },
    ...(isProperties(privateClusterConfig) && {
      privateClusterConfig: {
        ...privateClusterConfig,
        privateEndpoint: endpoint,
        publicEndpoint: endpoint,
      },
    }),
    ...(isProperties(controlPlaneEndpointsConfig) && {
      controlPlaneEndpointsConfig: withDnsEndpoint(controlPlaneEndpointsConfig, endpoint),
    }),
  };
}

function withDnsEndpoint(config: Properties, endpoint: string): Properties {
  const { dnsEndpointConfig } = config;
  if (!isProperties(dnsEndpointConfig)) return config;
  return { ...config, dnsEndpointConfig: { ...dnsEndpointConfig, endpoint } };
}

// A cluster takes its pools along.
async function closeCluster({ world, effects }: Scene, cluster: WorldObject): Promise<void> {
  for (const pool of world.all(gcpType("container/nodePool"))) {
    if (clusterOf(world, pool.inputs)?.id === cluster.id) world.remove(pool);
  }
  await effects?.closeCluster(effectId(cluster));
}

// Nested virtualisation as the API refuses it: other series, Arm and AMD, threads per core left out.
// https://cloud.google.com/compute/docs/instances/nested-virtualization/overview
function refusePool(_: Scene, { inputs }: WorldObject, step: string): string | undefined {
  if (step === "delete") return undefined;
  const features = valueAt(inputs, "nodeConfig.advancedMachineFeatures");
  if (valueAt(features, "enableNestedVirtualization") !== true) return undefined;
  const machine = textAt(inputs, "nodeConfig.machineType");
  if (!/^(e2|n2d|c2d|c3d|t2[ad]|a2|c4a|n4a|f1|g1|m[123])-/.test(machine)) return undefined;
  return `googleapi: Error 400: Machine type ${machine} does not support nested virtualization., badRequest`;
}

const EFFECTS: Readonly<Record<string, string>> = {
  NO_SCHEDULE: "NoSchedule",
  NO_EXECUTE: "NoExecute",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
};

async function runNodes({ world, effects }: Scene, pool: WorldObject): Promise<Properties> {
  const cluster = clusterOf(world, pool.inputs);
  if (!cluster || !effects) return {};
  const places = valuesAt(pool.state, "nodeLocations[*]").map(String);
  const { inputs } = pool;
  const aZone = Number(
    inputs.nodeCount ?? inputs.initialNodeCount ?? valueAt(inputs, "autoscaling.minNodeCount") ?? 0,
  );
  const total = valueAt(inputs, "autoscaling.totalMinNodeCount");
  await effects.setPool({
    id: effectId(pool),
    clusterId: effectId(cluster),
    name: textAt(pool.state, "name"),
    count: aZone > 0 ? aZone * Math.max(1, places.length) : Number(total ?? 0),
    machineType: textAt(inputs, "nodeConfig.machineType") || "e2-medium",
    zones: places,
    labels: {
      ...labelsAt(inputs, "nodeConfig.labels"),
      "cloud.google.com/gke-nodepool": textAt(pool.state, "name"),
    },
    taints: valuesAt(inputs, "nodeConfig.taints[*]").map((taint) => ({
      key: textAt(taint, "key"),
      value: textAt(taint, "value"),
      effect: EFFECTS[textAt(taint, "effect")] ?? textAt(taint, "effect"),
    })),
  });
  return {};
}
