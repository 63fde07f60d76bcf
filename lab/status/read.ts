import { API_GATEWAY_APP } from "../../components/api-gateway/ports";
import { CONSUL_APP } from "../../components/consul/ports";
import { CONDITION_TYPE } from "../../components/node-provisioner/node-reports";
import { QUEEN_APP } from "../../components/queen/ports";
import { REDIS_APP } from "../../components/redis/ports";
import { WORKER_APP } from "../../components/worker/ports";
import type { KubeClient } from "../kube/client";
import { conditionOf, fieldAt, type KubeObject, listAt, numberAt, textAt } from "../kube/objects";

/** A node as the fabric sees it. */
export interface NodeStatus {
  name: string;
  ready: boolean;
  /** Whether its pool says that it can run KVM. */
  kvm: boolean;
  /** Whether the provisioner proved it: it carries an asset set and no startup taint. */
  proven: boolean;
  /** What the provisioner says of it in a word, such as `GateFailed`; empty where it said nothing. */
  said: string;
  /** Id of the asset set on it; empty where there is none. */
  assetSet: string;
  /** Name of its pool; empty where it has none. */
  pool: string;
  /** Its taints, as `key=value:effect`. */
  taints: string[];
}

/** A workload of the fabric. */
export interface WorkloadStatus {
  kind: string;
  namespace: string;
  name: string;
  /** Pods that should run. */
  desired: number;
  ready: number;
}

/** A node pool: the nodes that carry its label, and whether Karpenter makes them. */
export interface PoolStatus {
  name: string;
  nodes: number;
  proven: number;
  karpenter: boolean;
}

/** A recent event of type Warning. */
export interface WarningStatus {
  object: string;
  reason: string;
  message: string;
  count: number;
  last: string;
}

/** What runs where. */
export interface FabricStatus {
  nodes: NodeStatus[];
  workers: WorkloadStatus[];
  consul: WorkloadStatus[];
  /** Queen, the gateway and its stores, as many of them as run in the cluster as Deployment or StatefulSet. */
  services: WorkloadStatus[];
  /** Everything else of the fabric. */
  others: WorkloadStatus[];
  pools: PoolStatus[];
  warnings: WarningStatus[];
}

const SERVICE_APPS = [QUEEN_APP, API_GATEWAY_APP, REDIS_APP];

/** How long a warning counts as recent. */
const RECENT_SECONDS = 3600;

/** Reads the status of the fabric from its cluster. Errors: KubeError for what the server refuses. */
export async function readStatus(client: KubeClient, now = new Date()): Promise<FabricStatus> {
  const fabric = { query: { labelSelector: "app.kubernetes.io/part-of=kvm-fabric" } };
  const [nodes, daemonSets, statefulSets, deployments, events, nodePools] = await Promise.all([
    client.list("v1", "Node"),
    client.list("apps/v1", "DaemonSet", fabric),
    client.list("apps/v1", "StatefulSet", fabric),
    client.list("apps/v1", "Deployment", fabric),
    client.list("v1", "Event", { query: { fieldSelector: "type=Warning" } }),
    client.list("karpenter.sh/v1", "NodePool").catch(() => []),
  ]);
  return fabricStatus(
    { nodes, workloads: [...daemonSets, ...statefulSets, ...deployments], events, nodePools },
    now,
  );
}

/** The objects that a status is made of. */
export interface StatusObjects {
  nodes: KubeObject[];
  workloads: KubeObject[];
  events: KubeObject[];
  nodePools: KubeObject[];
}

/** Makes the status of the objects. Pure. */
export function fabricStatus(objects: StatusObjects, now: Date): FabricStatus {
  const nodes = objects.nodes.map(nodeStatus).sort((a, b) => a.name.localeCompare(b.name));
  const workloads = objects.workloads.map((object) => ({ object, status: workloadStatus(object) }));
  const of = (...components: string[]): WorkloadStatus[] =>
    workloads
      .filter(({ object }) => components.includes(component(object)))
      .map(({ status }) => status);
  return {
    nodes,
    workers: of(WORKER_APP),
    consul: of(CONSUL_APP),
    services: of(...SERVICE_APPS),
    others: workloads
      .filter(
        ({ object }) => ![WORKER_APP, CONSUL_APP, ...SERVICE_APPS].includes(component(object)),
      )
      .map(({ status }) => status),
    pools: poolStatuses(nodes, objects.nodePools),
    warnings: objects.events.map(warningStatus).filter(({ last }) => isRecent(last, now)),
  };
}

function component(object: KubeObject): string {
  return object.metadata.labels?.["app.kubernetes.io/name"] ?? "";
}

function nodeStatus(node: KubeObject): NodeStatus {
  const labels = node.metadata.labels ?? {};
  const capability = Object.keys(labels).find((key) => key.endsWith("/kvm-enabled"));
  const domain = capability?.slice(0, -"/kvm-enabled".length) ?? "";
  const taints = listAt(node, "spec", "taints");
  const assetSet = labels[`${domain}/assets`] ?? "";
  const closed = taints.some((taint) => textAt(taint, "key") === `${domain}/not-ready`);
  return {
    name: node.metadata.name ?? "",
    ready: conditionOf(node, "Ready")?.status === "True",
    kvm: capability !== undefined && labels[capability] === "true",
    proven: assetSet !== "" && !closed,
    said: conditionOf(node, CONDITION_TYPE)?.reason ?? "",
    assetSet,
    pool: labels[`${domain}/pool`] ?? labels["karpenter.sh/nodepool"] ?? "",
    taints: taints.map(taintText),
  };
}

function taintText(taint: unknown): string {
  const value = textAt(taint, "value");
  return `${textAt(taint, "key") ?? ""}${value === undefined ? "" : `=${value}`}:${textAt(taint, "effect") ?? ""}`;
}

function workloadStatus(object: KubeObject): WorkloadStatus {
  const desired =
    numberAt(object, "status", "desiredNumberScheduled") ?? numberAt(object, "spec", "replicas");
  const ready =
    numberAt(object, "status", "numberReady") ?? numberAt(object, "status", "readyReplicas");
  return {
    kind: object.kind,
    namespace: object.metadata.namespace ?? "",
    name: object.metadata.name ?? "",
    desired: desired ?? 0,
    ready: ready ?? 0,
  };
}

function poolStatuses(nodes: NodeStatus[], nodePools: KubeObject[]): PoolStatus[] {
  const karpenter = new Set(nodePools.map(({ metadata }) => metadata.name ?? ""));
  const names = new Set([...nodes.map(({ pool }) => pool), ...karpenter]);
  return [...names]
    .filter((name) => name !== "")
    .sort()
    .map((name) => {
      const members = nodes.filter(({ pool }) => pool === name);
      const proven = members.filter((node) => node.proven).length;
      return { name, nodes: members.length, proven, karpenter: karpenter.has(name) };
    });
}

function warningStatus(event: KubeObject): WarningStatus {
  const about = fieldAt(event, "involvedObject");
  return {
    object: `${textAt(about, "kind") ?? ""} ${textAt(about, "name") ?? ""}`,
    reason: textAt(event, "reason") ?? "",
    message: textAt(event, "message") ?? "",
    count: numberAt(event, "series", "count") ?? numberAt(event, "count") ?? 1,
    last:
      textAt(event, "series", "lastObservedTime") ??
      textAt(event, "lastTimestamp") ??
      textAt(event, "eventTime") ??
      "",
  };
}

function isRecent(last: string, now: Date): boolean {
  return last !== "" && now.getTime() - new Date(last).getTime() <= RECENT_SECONDS * 1000;
}
