import type { Fault } from "../shared/faults";
import { imageFaults } from "../shared/images";
import { TaintEffect } from "../shared/kvm-nodes";
import { memberFaults } from "../shared/members";
import { nodeContract } from "../shared/node-contract";
import { wholeNumberFaults } from "../shared/numbers";
import { cpuFaults } from "../shared/quantities";
import { DEFAULT_KVM_UNITS } from "./node-pool";
import {
  KarpenterCapacity,
  KarpenterConsolidation,
  KarpenterDisruption,
  type KarpenterBudget,
  type KarpenterScaling,
  type KarpenterTaint,
  type KarpenterWarmBuffer,
} from "./pool-args";

/** What every pool of Karpenter's has, whatever the cloud. */
export interface CommonPool {
  name: string;
  kvmUnits?: number;
  labels?: Record<string, string>;
  scaling?: KarpenterScaling;
  taints?: KarpenterTaint[];
  warm?: KarpenterWarmBuffer;
}

/** Finds what is wrong with the parts of a pool that all clouds share. */
export function commonPoolFaults(path: string, pool: CommonPool, domain?: string): Fault[] {
  const { scaling = {} } = pool;
  return [
    ...poolNameFaults(`${path}.name`, pool.name),
    ...wholeNumberFaults(`${path}.kvmUnits`, pool.kvmUnits, 1, 10_000),
    ...labelFaults(`${path}.labels`, pool.labels ?? {}, domain),
    ...(pool.taints ?? []).flatMap((taint, index) =>
      taintFaults(`${path}.taints[${index}]`, taint, domain),
    ),
    ...scalingFaults(`${path}.scaling`, scaling),
    ...(pool.warm === undefined ? [] : warmFaults(`${path}.warm`, pool.warm, pool)),
  ];
}

/** Refuses two pools of one name, and none at all. */
export function poolListFaults(path: string, pools: readonly CommonPool[]): Fault[] {
  if (pools.length === 0) return [{ path, problem: "no pool", allowed: "at least one pool" }];
  const names = pools.map(({ name }) => name);
  return names.flatMap((name, index): Fault[] =>
    names.indexOf(name) < index
      ? [{ path: `${path}[${index}].name`, problem: "the name of another pool", got: name }]
      : [],
  );
}

function poolNameFaults(path: string, name: string): Fault[] {
  if (/^[a-z]([-a-z0-9]{0,28}[a-z0-9])?$/.test(name)) return [];
  const allowed = "a-z, 0-9 and -, first a letter, last not a dash, at most 30 characters";
  return [{ path, problem: "not the name of a pool", got: name, allowed }];
}

/** Checks a list of members of a closed set, of which there is at least one. */
function memberListFaults(
  path: string,
  values: readonly string[] | undefined,
  members: readonly string[],
): Fault[] {
  if (values?.length === 0) return [{ path, problem: "empty", allowed: members.join(", ") }];
  return (values ?? []).flatMap((got, index) => memberFaults(`${path}[${index}]`, got, members));
}

/** Domains whose labels Karpenter, Kubernetes and the clouds write themselves. */
const RESERVED_DOMAIN =
  /(^|\.)(kubernetes\.io|k8s\.io|karpenter\.sh|k8s\.aws|karpenter\.azure\.com)$/;

function labelFaults(path: string, labels: Record<string, string>, domain?: string): Fault[] {
  const contract = nodeContract(domain);
  const kept = [contract.capabilityLabel, contract.poolLabel, contract.assetsLabel];
  const word = "[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
  const wellFormed = new RegExp(`^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?${word}$`);
  return Object.entries(labels).flatMap(([key, value]): Fault[] => {
    const at = `${path}.${key}`;
    if (kept.includes(key)) return [{ path: at, problem: "a label of the node contract itself" }];
    if (!wellFormed.test(key) || !new RegExp(`^(${word})?$`).test(value)) {
      return [{ path: at, problem: "not a label", got: `${key}=${value}` }];
    }
    if (RESERVED_DOMAIN.test(key.split("/")[0] ?? "") && key.includes("/")) {
      return [{ path: at, problem: "a label that Karpenter or Kubernetes writes itself" }];
    }
    return [];
  });
}

function taintFaults(
  path: string,
  { key, value, effect }: KarpenterTaint,
  domain?: string,
): Fault[] {
  const contract = nodeContract(domain);
  if (key === contract.workerTaint || key === contract.startupTaint) {
    return [{ path: `${path}.key`, problem: "a taint of the node contract itself", got: key }];
  }
  const faults = memberFaults(`${path}.effect`, effect, Object.values(TaintEffect));
  if (!/^([a-z0-9][-a-z0-9.]*\/)?[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(key)) {
    faults.push({ path: `${path}.key`, problem: "not the key of a taint", got: key });
  }
  if (value !== undefined && !/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(value)) {
    faults.push({ path: `${path}.value`, problem: "not the value of a taint", got: value });
  }
  return faults;
}

function scalingFaults(path: string, scaling: KarpenterScaling): Fault[] {
  return [
    ...memberListFaults(
      `${path}.capacityTypes`,
      scaling.capacityTypes,
      Object.values(KarpenterCapacity),
    ),
    ...memberFaults(
      `${path}.consolidation`,
      scaling.consolidation,
      Object.values(KarpenterConsolidation),
    ),
    ...durationFaults(`${path}.consolidateAfter`, scaling.consolidateAfter, true),
    ...durationFaults(`${path}.expireAfter`, scaling.expireAfter, true),
    ...durationFaults(`${path}.terminationGracePeriod`, scaling.terminationGracePeriod, false),
    ...wholeNumberFaults(`${path}.maxCpus`, scaling.maxCpus, 1, 10_000_000),
    ...wholeNumberFaults(`${path}.maxMemoryGib`, scaling.maxMemoryGib, 1, 100_000_000),
    ...wholeNumberFaults(`${path}.maxNodes`, scaling.maxNodes, 1, 100_000),
    ...wholeNumberFaults(`${path}.weight`, scaling.weight, 1, 100),
    ...zoneFaults(`${path}.zones`, scaling.zones),
    ...(scaling.budgets ?? []).flatMap((budget, index) =>
      budgetFaults(`${path}.budgets[${index}]`, budget),
    ),
  ];
}

function zoneFaults(path: string, zones: string[] | undefined): Fault[] {
  const allowed = "at least one zone, as in eu-central-1a";
  if (zones === undefined) return [];
  if (zones.length === 0) {
    return [{ path, problem: "empty", allowed, fix: "to leave it out for every zone" }];
  }
  return zones.flatMap((got, index): Fault[] =>
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(got)
      ? []
      : [{ path: `${path}[${index}]`, problem: "not a zone", got, allowed }],
  );
}

function durationFaults(path: string, got: string | undefined, endless: boolean): Fault[] {
  if (got === undefined || (endless && got === "Never")) return [];
  if (/^([0-9]+(s|m|h))+$/.test(got)) return [];
  const allowed = `hours, minutes and seconds as in "1h30m"${endless ? ', or "Never"' : ""}`;
  return [{ path, problem: "not a duration", got, allowed }];
}

function budgetFaults(path: string, budget: KarpenterBudget): Fault[] {
  const { nodes, schedule, duration, reasons } = budget;
  const faults = memberListFaults(`${path}.reasons`, reasons, Object.values(KarpenterDisruption));
  if (!/^((100|[0-9]{1,2})%|[0-9]+)$/.test(nodes)) {
    const allowed = 'a count or a percentage, as in "1" and "10%"';
    faults.push({ path: `${path}.nodes`, problem: "not a number of nodes", got: nodes, allowed });
  }
  if ((schedule === undefined) !== (duration === undefined)) {
    const missing = schedule === undefined ? "schedule" : "duration";
    faults.push({ path: `${path}.${missing}`, problem: "missing beside the other of the two" });
  }
  if (schedule !== undefined && !/^(@[a-z]+|\S+ \S+ \S+ \S+ \S+)$/.test(schedule)) {
    const allowed = 'five fields of cron, as in "0 22 * * 1-5"';
    faults.push({ path: `${path}.schedule`, problem: "not a schedule", got: schedule, allowed });
  }
  if (duration !== undefined && !/^([0-9]+[hm]|[0-9]+h[0-9]+m)$/.test(duration)) {
    const allowed = 'hours and minutes, as in "8h" and "1h30m"';
    faults.push({ path: `${path}.duration`, problem: "not a duration", got: duration, allowed });
  }
  return faults;
}

function warmFaults(
  path: string,
  warm: KarpenterWarmBuffer,
  { kvmUnits, scaling }: CommonPool,
): Fault[] {
  const units = kvmUnits ?? DEFAULT_KVM_UNITS;
  const faults = [
    ...imageFaults(`${path}.image`, warm.image),
    ...wholeNumberFaults(`${path}.nodes`, warm.nodes, 1, 1000),
    ...cpuFaults(`${path}.cpu`, warm.cpu),
    ...wholeNumberFaults(`${path}.kvmUnits`, warm.kvmUnits, 1, units),
  ];
  if (scaling?.maxNodes !== undefined && warm.nodes >= scaling.maxNodes) {
    const problem = "leaves no node for guests";
    const allowed = `less than scaling.maxNodes, ${scaling.maxNodes}`;
    faults.push({ path: `${path}.nodes`, problem, got: warm.nodes, allowed });
  }
  return faults;
}
