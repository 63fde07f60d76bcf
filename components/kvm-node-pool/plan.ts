import type { Fault } from "../shared/faults";
import { kvmNodeLabels, kvmNodeTaints, type Taint } from "../shared/kvm-nodes";
import { nameFaults } from "../shared/names";
import { domainFaults, type NodeContract, nodeContract } from "../shared/node-contract";
import { nodeCountFaults, wholeNumberFaults } from "../shared/numbers";
import { declaredFaults, type MachineFound } from "./catalogue";
import type { DeclaredMachine, Machine } from "./catalogue/machine";
import { labelFaults, taintFaults } from "../shared/node-faults";

/** What every pool is told, whatever the cloud. */
export interface PoolArgs {
  domain?: string;
  labels?: Record<string, string>;
  maxNodes?: number;
  minNodes?: number;
  taints?: Taint[];
}

/** What every pool promises, whatever the cloud. */
export interface PoolPlan {
  /** True where an autoscaler moves the number of nodes, which is then nobody else's to set. */
  autoscaled: boolean;
  contract: NodeContract;
  /** Labels that each node joins with: the user's and the contract's. */
  labels: Record<string, string>;
  maxNodes: number;
  minNodes: number;
  /** The pool's name: the value of the pool label. */
  pool: string;
  /** Taints that each node joins with: worker, startup, then the user's. */
  taints: Taint[];
}

/** The most nodes that a pool may have: the least of the clouds' limits (AKS, nodes of a pool). */
export const MOST_NODES = 1000;

/** What holds where an argument is left out, on every cloud. */
export const poolDefaults = Object.freeze({ minNodes: 1 });

/** Plans what all clouds' pools share; to be called once {@link poolFaults} found nothing. */
export function planPool(name: string, args: PoolArgs): PoolPlan {
  const contract = nodeContract(args.domain);
  const { minNodes, maxNodes } = sizesOf(args);
  return {
    autoscaled: maxNodes > minNodes,
    contract,
    labels: kvmNodeLabels(contract, name, args.labels),
    maxNodes,
    minNodes,
    pool: name,
    taints: kvmNodeTaints(contract, args.taints),
  };
}

/** Finds everything that is wrong with what all clouds' pools share. */
export function poolFaults(name: string, args: PoolArgs): Fault[] {
  const domain = args.domain === undefined ? [] : domainFaults("domain", args.domain);
  const contract = nodeContract(args.domain);
  return [
    ...nameFaults("name", name),
    ...domain,
    ...sizeFaults(args),
    ...labelFaults("labels", args.labels ?? {}, contract),
    ...taintFaults("taints", args.taints ?? [], contract),
  ];
}

/** The name of each cloud's machine argument, the user's own word on it, and how the catalogue is asked. */
export interface MachineQuestion {
  path: string;
  type: string | undefined;
  declared: DeclaredMachine | undefined;
  declaredPath: string;
  find: (path: string, type: string) => MachineFound;
}

/** What is known of a machine, or its faults: a declared one is taken at the user's word. */
export function machineOf(question: MachineQuestion): { machine?: Machine; faults: Fault[] } {
  const { path, type, declared, declaredPath, find } = question;
  if (declared !== undefined && type !== undefined) {
    const problem = `given beside ${path}`;
    return { faults: [{ path: declaredPath, problem, fix: `one of ${path} and ${declaredPath}` }] };
  }
  if (declared !== undefined) {
    const faults = declaredFaults(declaredPath, declared);
    return faults.length > 0 ? { faults } : { machine: { ...declared }, faults };
  }
  if (!type) return { faults: [{ path, problem: "missing", fix: "a machine of the catalogue" }] };
  const found = find(path, type);
  return found.ok ? { machine: found.machine, faults: [] } : { faults: [found.fault] };
}

/** Refuses a list that is known to be empty; a list that is not known yet passes. */
export function emptyFaults(path: string, got: unknown, fix: string): Fault[] {
  if (got === undefined) return [{ path, problem: "missing", fix }];
  if (!Array.isArray(got)) return [];
  if (got.length === 0) return [{ path, problem: "empty", got: [], fix }];
  const seen = new Set<unknown>();
  return got.flatMap((item, index) => {
    if (item === "") return [{ path: `${path}[${String(index)}]`, problem: "empty" }];
    if (typeof item !== "string" || !seen.has(item)) {
      seen.add(item);
      return [];
    }
    return [{ path: `${path}[${String(index)}]`, problem: "given twice", got: item }];
  });
}

function sizesOf({ minNodes = poolDefaults.minNodes, maxNodes = minNodes }: PoolArgs) {
  return { minNodes, maxNodes };
}

function sizeFaults(args: PoolArgs): Fault[] {
  const { minNodes, maxNodes } = sizesOf(args);
  const ranges = [
    ...wholeNumberFaults("minNodes", args.minNodes, 0, MOST_NODES),
    ...wholeNumberFaults("maxNodes", args.maxNodes, 1, MOST_NODES),
  ];
  return ranges.length > 0 ? ranges : nodeCountFaults("", minNodes, maxNodes);
}
