import * as pulumi from "@pulumi/pulumi";
import { renderFaults } from "../shared/faults";
import { upgradeFaults } from "./versions";

/** Where a cluster's resource keeps its version. */
export interface VersionProperties {
  /** The input that asks for a version. */
  input: string;
  /** The output that tells which version runs. */
  output: string;
}

/**
 * Refuses an upgrade of a cluster over more than one minor version, and a step back, at the preview already.
 *
 * A program does not know which version runs; the engine's state does, and the engine shows it to a hook on the
 * cluster's update. Without state to compare (a new cluster, an import) nothing is refused, and where state is
 * behind the cloud (nobody ran `pulumi refresh`) the provider's own refusal remains.
 * Needs Pulumi 3.182 or newer.
 * Source: https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
 */
export function oneMinorUpgrade(
  component: string,
  name: string,
  properties: VersionProperties,
): pulumi.ResourceHook[] {
  if (!takesHooks()) return [];
  const hook = new pulumi.ResourceHook(
    `${component}:${name}:one-minor-upgrade`,
    ({ newInputs, oldInputs, oldOutputs }) => {
      const running: unknown = oldOutputs?.[properties.output] ?? oldInputs?.[properties.input];
      const wanted: unknown = newInputs?.[properties.input];
      if (typeof running !== "string" || typeof wanted !== "string") return;
      const faults = upgradeFaults("kubernetesVersion", running, wanted);
      if (faults.length === 0) return;
      throw new Error(renderFaults(`${component} "${name}" has 1 fault:`, faults));
    },
    { onDryRun: true },
  );
  return [hook];
}

/** False under Pulumi's mocks for tests, which say that they take hooks and fail on the first. */
export function takesHooks(): boolean {
  const monitor: object | undefined = pulumi.runtime.getMonitor();
  return monitor !== undefined && "registerResourceHook" in monitor;
}
