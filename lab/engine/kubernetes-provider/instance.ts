import { kubeClient, type KubeClient } from "../../kube/client";
import { isKubeError } from "../../kube/kube-error";
import { clusterOf, readSettings, type Settings } from "./config/settings";
import { connectEngineLog, silentLog, type EngineLog } from "./engine-log";
import type { Properties } from "../grpc/wire";
import { isKnownClusterScoped } from "./kinds";

/** One engine's use of one configured provider: all that must not be shared with another. */
export interface Instance {
  settings: Settings;
  /** Absent where the kubeconfig could not be read; `unreachable` says why. */
  client?: KubeClient;
  unreachable?: string;
  log: EngineLog;
  /** Aborted by Cancel and when the engine is gone. */
  abort: AbortController;
  /** Scope of kinds whose CustomResourceDefinition this engine has shown, by `<apiVersion>/<kind>`. */
  announcedKinds: Map<string, boolean>;
}

/** The instances of a provider process, each known by its gRPC connection. */
export class Instances {
  private readonly byPeer = new Map<string, Instance>();

  /** The connections being served. */
  peers(): string[] {
    return [...this.byPeer.keys()];
  }

  /** The instance of a connection; made unconfigured where there is none yet. */
  of(peer: string): Instance {
    const existing = this.byPeer.get(peer);
    if (existing) return existing;
    const instance: Instance = {
      settings: readSettings({}),
      unreachable: "the provider is not configured",
      log: silentLog,
      abort: new AbortController(),
      announcedKinds: new Map(),
    };
    this.byPeer.set(peer, instance);
    return instance;
  }

  /** Notes where the engine of a connection listens; its end ends the instance. */
  attach(peer: string, engineAddress: string): void {
    const instance = this.of(peer);
    instance.log.close();
    instance.log = connectEngineLog(engineAddress, () => {
      this.end(peer);
    });
  }

  /** A kubeconfig that cannot be read is not an error yet: previews work without a cluster. */
  configure(peer: string, config: Properties): void {
    const instance = this.of(peer);
    instance.settings = readSettings(config);
    instance.client?.close();
    delete instance.client;
    delete instance.unreachable;
    try {
      instance.client = kubeClient(clusterOf(instance.settings));
    } catch (error) {
      instance.unreachable = error instanceof Error ? error.message : String(error);
    }
  }

  /** Aborts what runs for a connection; the connection stays usable for what comes after. */
  cancel(peer: string): void {
    const instance = this.of(peer);
    instance.abort.abort(new Error("the operation was cancelled"));
    instance.abort = new AbortController();
  }

  /** Forgets a connection. */
  end(peer: string): void {
    const instance = this.byPeer.get(peer);
    if (!instance) return;
    this.byPeer.delete(peer);
    instance.abort.abort(new Error("the engine is gone"));
    instance.log.close();
    instance.client?.close();
  }
}

/**
 * The client of an instance for one operation: its calls end with the signal. Throws an Error in the official
 * provider's words where there is none.
 */
export function clientOf(instance: Instance, signal: AbortSignal): KubeClient {
  if (instance.client) return instance.client.until(signal);
  throw new Error(unreachableMessage(instance.unreachable ?? "no kubeconfig"));
}

/** The official provider's words for a cluster that cannot be reached. */
export function unreachableMessage(why: string): string {
  return `configured Kubernetes cluster is unreachable: ${why}`;
}

/** Says whether an error means that there is no cluster to talk to, as opposed to its refusal. */
export function isUnreachable(instance: Instance, error: unknown): boolean {
  return instance.client === undefined || isKubeError(error, "Unreachable");
}

/** Whether a kind has a namespace; one that nothing is known about counts as having one. */
export async function isNamespaced(
  instance: Instance,
  apiVersion: string,
  kind: string,
): Promise<boolean> {
  if (isKnownClusterScoped(apiVersion, kind)) return false;
  const announced = instance.announcedKinds.get(`${apiVersion}/${kind}`);
  if (announced !== undefined) return announced;
  try {
    return (await clientOf(instance, instance.abort.signal).resolve(apiVersion, kind)).namespaced;
  } catch (error) {
    if (isUnreachable(instance, error) || isKubeError(error)) return true;
    throw error;
  }
}
