import { QueenCloud, type QueenLoadBalancer } from "../components/queen/args";
import type { QueenUploads } from "../components/trace-uploader/args";
import { deletionProtectionOf, profiles } from "./environments";
import { type FabricConfig, Target } from "./schema";
import type { LoadBalancerSettings } from "./service-schema";

/** The services that a stack's cloud may run in place of the cluster, by their keys there and here. */
export const MANAGED_KINDS = ["postgres", "redis", "traceUploader"] as const;
/** See {@link MANAGED_KINDS}. */
export type ManagedKind = (typeof MANAGED_KINDS)[number];
/** Those of them that keep data. */
export type StoreKind = Exclude<ManagedKind, "traceUploader">;

/** Says whether the stack's cloud runs a service of this kind: settings of another target count as none. Pure. */
export function isManaged(config: FabricConfig, kind: ManagedKind): boolean {
  return cloudSettings(config)?.[kind] !== undefined;
}

function cloudSettings({ aws, azure, gcp, target }: FabricConfig) {
  switch (target) {
    case Target.Aws:
      return aws;
    case Target.Azure:
      return azure;
    case Target.Gcp:
      return gcp;
    case Target.BareMetal:
    case Target.Kubernetes:
      return undefined;
  }
}

const balancers: Readonly<Partial<Record<Target, QueenCloud>>> = Object.freeze({
  aws: QueenCloud.Aws,
  azure: QueenCloud.Azure,
  gcp: QueenCloud.Gcp,
});

/** The cloud of the stack's load balancers: nobody knows where the cluster is somebody else's, or on own machines. */
export function balancerCloudOf({ target }: FabricConfig): QueenCloud | undefined {
  return balancers[target];
}

/** Queen's load balancer, of the stack's cloud unless it says another: where nobody knows, managed-faults.ts asks. */
export function balancerOf(
  config: FabricConfig,
  { cloud = balancerCloudOf(config) ?? QueenCloud.Aws, ...settings }: LoadBalancerSettings,
): QueenLoadBalancer {
  return { ...settings, cloud };
}

/** The arguments of a cloud's uploader: the stack's own settings, what each cloud takes, and what is the cloud's own. Pure. */
export function managedUploaderArgs<Settings extends object, Place extends object>(
  config: FabricConfig,
  settings: Settings,
  queen: QueenUploads,
  place: Place,
) {
  return {
    logRetentionDays: profiles[config.environment].logRetentionDays,
    ...settings,
    deletionProtection: deletionProtectionOf(config),
    queen,
    ...place,
  };
}

/** Queen's uploads as far as they are known before she is made; told apart from nothing by planners alone. */
export const uploadsPlaceholder = Object.freeze({
  caCertificate: "",
  clientCertificate: "",
  clientKey: "",
  host: "queen.invalid",
  serverName: "queen",
});
