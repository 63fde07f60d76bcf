import * as pulumi from "@pulumi/pulumi";
import { takesHooks } from "../../cluster/upgrade-hook";
import { type Fault, renderFaults } from "../../shared/faults";

/**
 * Refuses at the preview what a Postgres cannot take back: an older major version never, a newer one unless the program
 * asks for upgrades.
 *
 * A program does not know which version runs; the engine's state does, and shows it to a hook on the update.
 */
export function majorUpgradeHook(
  component: string,
  name: string,
  input: string,
  allowed: boolean,
): pulumi.ResourceHook[] {
  if (!takesHooks()) return [];
  const hook = new pulumi.ResourceHook(
    `${component}:${name}:major-upgrade`,
    ({ newInputs, oldInputs }) => {
      const faults = majorUpgradeFaults(oldInputs?.[input], newInputs?.[input], allowed);
      if (faults.length === 0) return;
      throw new Error(renderFaults(`${component} "${name}" has 1 fault:`, faults));
    },
    { onDryRun: true },
  );
  return [hook];
}

/** Finds a change of the major version that a store does not take, whatever spelling the cloud has for versions. */
export function majorUpgradeFaults(from: unknown, to: unknown, allowed: boolean): Fault[] {
  const [running, wanted] = [majorOf(from), majorOf(to)];
  if (running === undefined || wanted === undefined || running === wanted) return [];
  const got = String(wanted);
  if (wanted < running) {
    const problem = `a Postgres does not go back, and ${String(running)} runs`;
    return [{ path: "version", problem, got, fix: "a restore of a backup into a new one" }];
  }
  if (allowed) return [];
  const problem = `an upgrade in place of ${String(running)}, which takes the store down and cannot be undone`;
  return [{ path: "version", problem, got, fix: "a backup, and allowMajorUpgrade: true" }];
}

function majorOf(version: unknown): number | undefined {
  if (typeof version !== "string") return undefined;
  const match = /^(?:POSTGRES_)?(\d+)(?:\.\d+)?$/.exec(version);
  return match === null ? undefined : Number(match[1]);
}
