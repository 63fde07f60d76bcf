import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { loadKubeconfig, type KubeConfig } from "../../../kube/kubeconfig";
import type { Properties } from "../../grpc/wire";

/** The provider's configuration, as far as this provider acts on it. */
export interface Settings {
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  namespace?: string;
  clusterIdentifier?: string;
  enableServerSideApply: boolean;
  enablePatchForce: boolean;
  upsertExistingObjects: boolean;
  enableConfigMapMutable: boolean;
  enableSecretMutable: boolean;
  deleteUnreachable: boolean;
  skipUpdateUnreachable: boolean;
  suppressDeprecationWarnings: boolean;
}

type Environment = Record<string, string | undefined>;

/**
 * Reads settings: the configuration's own value, else the environment variable that the official provider
 * reads, else the default (everything off except server-side apply).
 */
export function readSettings(config: Properties, env: Environment = process.env): Settings {
  const flag = (key: keyof Settings, variable: string, otherwise = false): boolean => {
    const value = config[key] ?? env[`PULUMI_K8S_${variable}`];
    return value === undefined || value === "" ? otherwise : value === true || value === "true";
  };
  return {
    ...texts(config),
    enableServerSideApply: flag("enableServerSideApply", "ENABLE_SERVER_SIDE_APPLY", true),
    enablePatchForce: flag("enablePatchForce", "ENABLE_PATCH_FORCE"),
    upsertExistingObjects: flag("upsertExistingObjects", "UPSERT_EXISTING_OBJECTS"),
    enableConfigMapMutable: flag("enableConfigMapMutable", "ENABLE_CONFIGMAP_MUTABLE"),
    enableSecretMutable: flag("enableSecretMutable", "ENABLE_SECRET_MUTABLE"),
    deleteUnreachable: flag("deleteUnreachable", "DELETE_UNREACHABLE"),
    skipUpdateUnreachable: flag("skipUpdateUnreachable", "SKIP_UPDATE_UNREACHABLE"),
    suppressDeprecationWarnings: flag(
      "suppressDeprecationWarnings",
      "SUPPRESS_DEPRECATION_WARNINGS",
    ),
  };
}

function texts(config: Properties): Partial<Settings> {
  const found: Record<string, string> = {};
  for (const key of ["kubeconfig", "context", "cluster", "namespace", "clusterIdentifier"]) {
    const value = config[key];
    if (typeof value === "string" && value !== "") found[key] = value;
    // A kubeconfig may be given as an object; the engine sends objects as JSON, which YAML includes.
    else if (typeof value === "object" && value !== null) found[key] = JSON.stringify(value);
  }
  return found;
}

/** Finds and reads the kubeconfig that settings and environment name. Throws an Error that says what is wrong. */
export function clusterOf(settings: Settings, env: Environment = process.env): KubeConfig {
  const { context, cluster, namespace } = settings;
  return loadKubeconfig(settings.kubeconfig ?? ambientKubeconfig(env), {
    ...(context !== undefined && { context }),
    ...(cluster !== undefined && { cluster }),
    ...(namespace !== undefined && { namespace }),
  });
}

function ambientKubeconfig(env: Environment): string {
  const named = (env.KUBECONFIG ?? "").split(path.delimiter).filter((file) => file !== "");
  const candidates = named.length > 0 ? named : [path.join(os.homedir(), ".kube", "config")];
  const found = candidates.filter((file) => fs.existsSync(file));
  if (found.length > 0) return found.join(path.delimiter);
  throw new Error(`no kubeconfig: none of ${candidates.join(", ")} exists`);
}
