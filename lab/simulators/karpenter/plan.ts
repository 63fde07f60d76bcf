import { conditionOf, fieldAt, type KubeObject, listAt, textAt } from "../../kube/objects";
import { type Amounts, mayRunOn, requestsOf, take, waitingPods } from "./demand";
import { type Machine, machinesOf } from "./machines";
import {
  CLAIM_FINALIZER,
  CLASS_FINALIZER,
  isOfEc2,
  machineLabels,
  machineOfClaim,
  nodeClassRef,
  NODEPOOL_LABEL,
  providerId,
  textsAt,
} from "./objects";
import { quantity } from "./quantity";

/** All that the controller looks at. */
export interface Seen {
  nodeClasses: KubeObject[];
  nodePools: KubeObject[];
  nodeClaims: KubeObject[];
  nodes: KubeObject[];
  pods: KubeObject[];
}

/** One thing to do. */
export type Action =
  | { do: "hold"; object: KubeObject; finalizer: string }
  | { do: "let-go"; object: KubeObject; finalizer: string }
  | { do: "conditions"; object: KubeObject; status: Record<string, unknown> }
  | { do: "launch"; nodePool: KubeObject; machine: Machine }
  | { do: "register"; claim: KubeObject }
  | { do: "delete"; object: KubeObject }
  | { do: "evict"; pod: KubeObject };

/** What Karpenter would do next, given all that there is. Pure: asked again after each change. */
export function planKarpenter(seen: Seen): Action[] {
  return [
    ...seen.nodeClasses.flatMap((one) => classActions(one, seen)),
    ...seen.nodePools.filter(isOfEc2).flatMap((one) => poolActions(one, seen)),
    ...seen.nodeClaims.filter(isOfEc2).flatMap((one) => claimActions(one, seen)),
    ...launches(seen),
  ];
}

function isLeaving({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function holds({ metadata }: KubeObject, finalizer: string): boolean {
  return listAt(metadata, "finalizers").includes(finalizer);
}

function classActions(nodeClass: KubeObject, { nodeClaims }: Seen): Action[] {
  const isHeld = holds(nodeClass, CLASS_FINALIZER);
  if (isLeaving(nodeClass)) {
    const { name } = nodeClass.metadata;
    const isUsed = nodeClaims.some(
      (one) => isOfEc2(one) && textAt(nodeClassRef(one), "name") === name,
    );
    return isHeld && !isUsed ? [letGo(nodeClass, CLASS_FINALIZER)] : [];
  }
  if (!isHeld) return [{ do: "hold", object: nodeClass, finalizer: CLASS_FINALIZER }];
  return ready(nodeClass, ["Ready"]);
}

function letGo(object: KubeObject, finalizer: string): Action {
  return { do: "let-go", object, finalizer };
}

function poolActions(nodePool: KubeObject, seen: Seen): Action[] {
  if (isLeaving(nodePool) || !hasReadyClass(nodePool, seen)) return [];
  return ready(nodePool, ["ValidationSucceeded", "NodeClassReady", "Ready"]);
}

function hasReadyClass(nodePool: KubeObject, { nodeClasses }: Seen): boolean {
  const name = textAt(nodeClassRef(nodePool), "name");
  return nodeClasses.some(
    (one) => one.metadata.name === name && !isLeaving(one) && isTrue(one, "Ready"),
  );
}

function isTrue(object: KubeObject, condition: string): boolean {
  return conditionOf(object, condition)?.status === "True";
}

function ready(object: KubeObject, types: string[], more: Record<string, unknown> = {}): Action[] {
  if (types.every((type) => isTrue(object, type))) return [];
  const conditions = types.map((type) => ({ type, status: "True", reason: type, message: "" }));
  return [{ do: "conditions", object, status: { ...more, conditions } }];
}

function claimActions(claim: KubeObject, seen: Seen): Action[] {
  const node = seen.nodes.find(({ metadata }) => metadata.name === claim.metadata.name);
  if (isLeaving(claim)) return termination(claim, node, seen);
  const wasRegistered = textAt(claim, "status", "nodeName") !== undefined;
  if (node === undefined) {
    // A node that somebody deleted takes its machine with it, as with the real one.
    return [wasRegistered ? { do: "delete", object: claim } : { do: "register", claim }];
  }
  const facts = { nodeName: node.metadata.name, providerID: providerId(claim) };
  const registered = ready(claim, ["Launched", "Registered"], facts);
  if (registered.length > 0) return registered;
  return isInitialized(claim, node)
    ? ready(claim, ["Launched", "Registered", "Initialized", "Ready"], facts)
    : [];
}

// Nothing else may need the machine's node any more: pods are evicted, then the node goes, then the claim.
function termination(claim: KubeObject, node: KubeObject | undefined, { pods }: Seen): Action[] {
  if (node === undefined) {
    return holds(claim, CLAIM_FINALIZER) ? [letGo(claim, CLAIM_FINALIZER)] : [];
  }
  if (isLeaving(node)) return [];
  const drained = pods.filter(
    (pod) => textAt(pod, "spec", "nodeName") === node.metadata.name && !isOfDaemonSet(pod),
  );
  if (drained.length === 0) return [{ do: "delete", object: node }];
  return drained.filter((pod) => !isLeaving(pod)).map((pod) => ({ do: "evict", pod }));
}

function isOfDaemonSet({ metadata }: KubeObject): boolean {
  return listAt(metadata, "ownerReferences").some((one) => textAt(one, "kind") === "DaemonSet");
}

function isInitialized(claim: KubeObject, node: KubeObject): boolean {
  const startup = listAt(claim, "spec", "startupTaints").map((taint) => textAt(taint, "key"));
  const closed = listAt(node, "spec", "taints").some((one) => startup.includes(textAt(one, "key")));
  return isTrue(node, "Ready") && !closed;
}

/** Room for pods on a machine that there is, or that is about to be launched. */
interface Room {
  labels: Record<string, string>;
  taints: unknown[];
  left: Amounts;
}

function launches(seen: Seen): Action[] {
  const pools = seen.nodePools
    .filter((one) => isOfEc2(one) && !isLeaving(one) && isTrue(one, "Ready"))
    .sort((a, b) => weightOf(b) - weightOf(a));
  const rooms = seen.nodeClaims.flatMap((claim) => roomOf(claim, seen));
  const started: Extract<Action, { do: "launch" }>[] = [];
  for (const pod of waitingPods(seen.pods)) {
    const needed = requestsOf(pod);
    const fits = ({ labels, taints, left }: Room) =>
      mayRunOn(pod, labels, taints) && take(left, needed);
    if (rooms.some(fits)) continue;
    for (const nodePool of pools) {
      const count = started.filter((one) => one.nodePool === nodePool).length;
      const room = newRoom(nodePool, pod, needed, seen, count);
      if (room === undefined || !isWithinLimits(nodePool, room.machine, seen, started)) continue;
      take(room.left, needed);
      rooms.push(room);
      started.push({ do: "launch", nodePool, machine: room.machine });
      break;
    }
  }
  return started;
}

// That of a ready machine counts: the scheduler binds pods to it some time after it is ready.
function roomOf(claim: KubeObject, { nodes, pods }: Seen): Room[] {
  const node = nodes.find(({ metadata }) => metadata.name === claim.metadata.name);
  const machine = machineOfClaim(claim);
  if (isLeaving(claim) || machine === undefined) return [];
  const labels = { ...claim.metadata.labels };
  const left = amountsOf(machine, labels);
  for (const pod of pods.filter((one) => takesRoomOn(claim, one))) {
    for (const [name, amount] of Object.entries(requestsOf(pod))) {
      left[name] = (left[name] ?? 0) - amount;
    }
  }
  const isReady = node !== undefined && isInitialized(claim, node);
  return [{ labels, taints: listAt(isReady ? node : claim, "spec", "taints"), left }];
}

function takesRoomOn({ metadata }: KubeObject, pod: KubeObject): boolean {
  const hasEnded = ["Failed", "Succeeded"].includes(textAt(pod, "status", "phase") ?? "");
  return textAt(pod, "spec", "nodeName") === metadata.name && !hasEnded;
}

function newRoom(
  nodePool: KubeObject,
  pod: KubeObject,
  needed: Amounts,
  { nodeClaims }: Seen,
  started: number,
): (Room & { machine: Machine }) | undefined {
  const launched = nodeClaims.filter((claim) => isOfPool(claim, nodePool)).length + started;
  const taints = listAt(nodePool, "spec", "template", "spec", "taints");
  for (const machine of machinesOf(nodePool, launched)) {
    const labels = machineLabels(nodePool, machine);
    const left = amountsOf(machine, labels);
    const fits = Object.entries(needed).every(([name, amount]) => (left[name] ?? 0) >= amount);
    if (fits && mayRunOn(pod, labels, taints)) return { labels, taints, left, machine };
  }
  return undefined;
}

// The device plugin's resource counts although no instance type has it: a NodeOverlay says so to the real one.
function amountsOf(machine: Machine, labels: Record<string, string>): Amounts {
  const kvm = Object.entries(labels)
    .filter(([key, value]) => key.endsWith("/kvm-enabled") && value === "true")
    .map(([key]) => [key.replace(/-enabled$/, ""), 100] as const);
  const memory = machine.memoryGib * 1024 ** 3;
  return { cpu: machine.cpus, memory, pods: 110, ...Object.fromEntries(kvm) };
}

function isOfPool(claim: KubeObject, nodePool: KubeObject): boolean {
  return claim.metadata.labels?.[NODEPOOL_LABEL] === nodePool.metadata.name;
}

function isWithinLimits(
  nodePool: KubeObject,
  machine: Machine,
  { nodeClaims }: Seen,
  started: readonly { nodePool: KubeObject; machine: Machine }[],
): boolean {
  const limits = textsAt(nodePool, "spec", "limits");
  const machines = [
    machine,
    ...nodeClaims
      .filter((one) => isOfPool(one, nodePool))
      .flatMap((one) => machineOfClaim(one) ?? []),
    ...started.filter((one) => one.nodePool === nodePool).map((one) => one.machine),
  ];
  const within = (name: string, used: number) =>
    limits[name] === undefined || used <= quantity(limits[name]);
  const sum = (amount: (one: Machine) => number) =>
    machines.reduce((total, one) => total + amount(one), 0);
  return (
    within(
      "cpu",
      sum(({ cpus }) => cpus),
    ) &&
    within(
      "memory",
      sum(({ memoryGib }) => memoryGib * 1024 ** 3),
    ) &&
    within("nodes", machines.length)
  );
}

function weightOf(nodePool: KubeObject): number {
  return Number(fieldAt(nodePool, "spec", "weight") ?? 0);
}
