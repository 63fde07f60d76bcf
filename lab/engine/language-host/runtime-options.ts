import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";
import { fromStruct } from "../grpc/struct";

/** The package managers that a program may ask for; `auto` picks by lock file. */
export const PackageManager = {
  Auto: "auto",
  Npm: "npm",
  Yarn: "yarn",
  Pnpm: "pnpm",
  Bun: "bun",
} as const;
export type PackageManager = (typeof PackageManager)[keyof typeof PackageManager];

/** `runtime.options` of Pulumi.yaml, PulumiPlugin.yaml or PulumiPolicy.yaml. */
export interface RuntimeOptions {
  /** Arguments for Node, before the program. */
  nodeArguments: string[];
  packageManager: PackageManager;
  /** Leaves development dependencies out when installing. */
  production: boolean;
  /** The TypeScript configuration to load the program with; the SDK's own choice when undefined. */
  tsconfig: string | undefined;
  /** Loads TypeScript through ts-node. */
  typescript: boolean;
}

const managers: readonly string[] = Object.values(PackageManager);

function isPackageManager(name: string): name is PackageManager {
  return managers.includes(name);
}

/** Reads the options that came with a request; throws an error naming the option when one is wrong. */
export function runtimeOptions(info: ProgramInfo | undefined): RuntimeOptions {
  const options = fromStruct(info?.getOptions());
  const text = (name: string): string | undefined => {
    const value = options[name];
    if (value === undefined || typeof value === "string") return value;
    throw new Error(`runtime option ${name}: must be a string, got ${JSON.stringify(value)}`);
  };
  const flag = (name: string, otherwise: boolean): boolean => {
    const value = options[name] ?? otherwise;
    if (typeof value === "boolean") return value;
    throw new Error(`runtime option ${name}: must be true or false, got ${JSON.stringify(value)}`);
  };
  const packageManager = text("packagemanager") ?? PackageManager.Auto;
  if (!isPackageManager(packageManager)) {
    throw new Error(
      `runtime option packagemanager: got ${JSON.stringify(packageManager)}, allowed ${managers.join(", ")}`,
    );
  }
  return {
    nodeArguments: splitArguments(text("nodeargs") ?? ""),
    packageManager,
    production: flag("production", false),
    tsconfig: text("tsconfig"),
    typescript: flag("typescript", true),
  };
}

/** Splits a line into arguments the way a shell does, with quotes and backslashes but no expansion. */
export function splitArguments(line: string): string[] {
  const words = line.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs);
  return Array.from(words, ([word]) =>
    word.replace(/\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gs, unquote),
  );
}

function unquote(_whole: string, escaped?: string, double?: string, single?: string): string {
  return escaped ?? double?.replace(/\\(["\\$`])/g, "$1") ?? single ?? "";
}
