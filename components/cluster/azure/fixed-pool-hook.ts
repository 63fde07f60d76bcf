import * as pulumi from "@pulumi/pulumi";
import { type Fault, renderFaults } from "../../shared/faults";
import { takesHooks } from "../upgrade-hook";

/** What AKS cannot change on a pool, and the argument that asks for it. */
const FIXED = Object.freeze({
  availabilityZones: "zones",
  enableEncryptionAtHost: "systemPool",
  maxPods: "systemPool.maxPodsPerNode",
  name: "systemPool",
  osDiskSizeGB: "systemPool.diskGib",
  osDiskType: "systemPool.ephemeralDisk",
  osSKU: "systemPool",
  vmSize: "systemPool.vmSize",
  vnetSubnetID: "network.nodeSubnetId",
});

/**
 * Finds what a new description of the system pool asks for that AKS would refuse in the middle of an update: another
 * machine, disk or subnet for the pool that the cluster was made with.
 * Source: https://github.com/pulumi/pulumi-azure-native/pull/2774
 */
export function fixedPoolFaults(before: unknown, after: unknown): Fault[] {
  const [old, wanted] = [record(before), record(after)];
  if (old === undefined || wanted === undefined) return [];
  return Object.entries(FIXED).flatMap(([field, path]) => {
    const [was, got] = [old[field], wanted[field]];
    if (was === undefined || JSON.stringify(was) === JSON.stringify(got)) return [];
    const problem = "AKS cannot change it on the pool that the cluster was made with";
    const fix = "to leave it as it is, and a node pool of its own for what needs other machines";
    return [{ path, problem, got, allowed: JSON.stringify(was), fix }];
  });
}

/**
 * Refuses a change of the system pool that AKS cannot make, at the preview already: the engine's state says how the
 * pool was made.
 */
export function fixedSystemPool(name: string): pulumi.ResourceHook[] {
  if (!takesHooks()) return [];
  const hook = new pulumi.ResourceHook(
    `AzureCluster:${name}:fixed-system-pool`,
    ({ newInputs, oldInputs }) => {
      const faults = fixedPoolFaults(firstPool(oldInputs), firstPool(newInputs));
      if (faults.length === 0) return;
      const count = faults.length === 1 ? "1 fault" : `${String(faults.length)} faults`;
      throw new Error(renderFaults(`AzureCluster "${name}" has ${count}:`, faults));
    },
    { onDryRun: true },
  );
  return [hook];
}

function firstPool(inputs: Record<string, unknown> | undefined): unknown {
  const profiles = inputs?.agentPoolProfiles;
  return Array.isArray(profiles) ? profiles[0] : undefined;
}

function record(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.fromEntries(Object.entries(value));
}
