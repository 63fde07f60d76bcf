import * as k8s from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { composeFabric, type Fabric } from "../fabric";
import type { FabricConfig } from "../schema";

/** The fabric on a cluster that exists: its pools, its device plugin and its network plugin are the owner's. */
export function deploy(config: FabricConfig): Fabric {
  const context = config.kubernetes?.context;
  if (context === undefined) throw new pulumi.RunError("kubernetes.context: missing");
  // The identifier keeps a new endpoint or renewed credentials from looking like another cluster.
  const cluster = new k8s.Provider("cluster", { context, clusterIdentifier: context });
  return composeFabric(config, cluster);
}
