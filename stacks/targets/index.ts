import type { Fabric } from "../fabric";
import { type FabricConfig, Target } from "../schema";

/** What every file of this folder exports. */
interface TargetModule {
  deploy: (config: FabricConfig) => Fabric;
}

/** Stands the fabric up on its target, and loads only that target's code and SDK. */
export function deployTarget(config: FabricConfig): Fabric {
  switch (config.target) {
    case Target.Kubernetes:
      return load("./kubernetes").deploy(config);
    case Target.Aws:
      return load("./aws").deploy(config);
    case Target.Gcp:
      return load("./gcp").deploy(config);
    case Target.Azure:
      return load("./azure").deploy(config);
    case Target.BareMetal:
      return load("./bare-metal").deploy(config);
  }
}

function load(file: string): TargetModule {
  // A dynamic import would be asynchronous, and is not resolved for TypeScript sources.
  // oxlint-disable-next-line typescript/no-require-imports
  const target: unknown = require(file);
  if (isTarget(target)) return target;
  throw new Error(`${file} exports no deploy`);
}

function isTarget(value: unknown): value is TargetModule {
  return typeof value === "object" && value !== null && "deploy" in value;
}
