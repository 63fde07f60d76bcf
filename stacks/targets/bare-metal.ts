import * as k8s from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { BareMetalCluster } from "../../components/cluster/bare-metal/bare-metal-cluster";
import { bareMetalClusterRef } from "../../components/cluster/bare-metal/cluster-ref";
import { BareMetalKvmNodePool } from "../../components/kvm-node-pool/bare-metal";
import {
  accessOf,
  bareMetalClusterArgs,
  bareMetalPoolArgs,
  isForBareMetal,
} from "../bare-metal-arguments";
import { cloudNames } from "../cloud-names";
import { composeFabric, type Fabric } from "../fabric";
import type { FabricConfig } from "../schema";

/** The fabric on one's own machines: cluster, pools of KVM machines, and the fabric on top. */
export function deploy(config: FabricConfig): Fabric {
  if (!isForBareMetal(config)) throw new pulumi.RunError("bareMetal: missing");
  const names = cloudNames(config);

  const cluster = new BareMetalCluster(names.cluster, bareMetalClusterArgs(config));
  // The identifier keeps a new address or renewed credentials from looking like another cluster.
  const inside = new k8s.Provider("cluster", {
    kubeconfig: cluster.kubeconfig,
    clusterIdentifier: `bare-metal/${names.cluster}`,
    deleteUnreachable: false,
  });
  const joinable = bareMetalClusterRef(cluster, accessOf(config));
  const pools = Object.entries(config.bareMetal.pools ?? {}).map(
    ([name, pool]) =>
      new BareMetalKvmNodePool(names.pool(name), bareMetalPoolArgs(config, pool, joinable)),
  );
  return composeFabric(config, inside, pools);
}
