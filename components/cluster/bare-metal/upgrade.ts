import * as pulumi from "@pulumi/pulumi";
import { renderFaults } from "../../shared/faults";
import { takesHooks } from "../upgrade-hook";
import { upgradeFaults } from "../versions";

/**
 * Refuses, at the preview already, a release that is more than one minor version ahead of what a server was last
 * brought to, or behind it. The engine's state has the server's last script, and that names its release.
 * The script refuses the same on the host, where state is behind.
 */
export function oneMinorRelease(name: string, host: string): pulumi.ResourceHook[] {
  if (!takesHooks()) return [];
  const hook = new pulumi.ResourceHook(
    `BareMetalCluster:${name}:${host}:one-minor-release`,
    ({ newInputs, oldInputs }) => {
      const faults = releaseStepFaults(scriptOf(oldInputs), scriptOf(newInputs));
      if (faults.length === 0) return;
      throw new Error(renderFaults(`BareMetalCluster "${name}" has 1 fault:`, faults));
    },
    { onDryRun: true },
  );
  return [hook];
}

/** The faults of a step from the release that one script installs to that of another. */
export function releaseStepFaults(from: string, to: string) {
  const [running, wanted] = [releaseOf(from), releaseOf(to)];
  if (running === undefined || wanted === undefined) return [];
  return upgradeFaults("release.version", running, wanted);
}

function releaseOf(script: string): string | undefined {
  // Quoted twice: as a value, and as a part of the command line.
  return /^version=\D*(v1\.[0-9.]+(?:\+k3s[0-9]+)?)/m.exec(script)?.[1];
}

function scriptOf(inputs: unknown): string {
  if (typeof inputs !== "object" || inputs === null || !("create" in inputs)) return "";
  return typeof inputs.create === "string" ? inputs.create : "";
}
