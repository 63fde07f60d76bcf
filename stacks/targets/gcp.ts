import * as gcp from "@pulumi/gcp/provider";
import * as k8s from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { GcpCluster } from "../../components/cluster/gcp/gcp-cluster";
import { gcpClusterRef, gcpNetworkRef } from "../../components/cluster/gcp/refs";
import { GcpKvmNodePool } from "../../components/kvm-node-pool/gcp";
import { GcpNetwork } from "../../components/network/gcp";
import { cloudNames } from "../cloud-names";
import { composeFabric, type Fabric } from "../fabric";
import { gcpClusterArgs, gcpNetworkArgs, gcpPoolArgs, isForGcp } from "../gcp-arguments";
import { chosenNetwork } from "../network-choice";
import type { FabricConfig } from "../schema";
import { gcpServices } from "./gcp-services";
import { inLanes } from "./pools";

/** GKE takes five operations on a cluster at a time: one is the system pool's. */
const POOLS_AT_A_TIME = 4;

/** The fabric on GKE: network, cluster, pools of KVM machines, and the fabric on top. */
export function deploy(config: FabricConfig): Fabric {
  if (!isForGcp(config)) throw new pulumi.RunError("gcp: missing");
  const names = cloudNames(config);
  const { pools = {}, project, region } = config.gcp;
  const cloud = new gcp.Provider("gcp", { project, region });
  const inCloud = { providers: [cloud] };

  const network = chosenNetwork(config.gcp, (own) =>
    gcpNetworkRef(new GcpNetwork(names.network, gcpNetworkArgs(config, own), inCloud)),
  );
  const cluster = new GcpCluster(names.cluster, gcpClusterArgs(config, network), inCloud);
  // The identifier keeps a new endpoint or another way of logging in from looking like another cluster.
  const inside = new k8s.Provider("cluster", {
    kubeconfig: cluster.kubeconfig,
    clusterIdentifier: `${project}/${region}/${names.cluster}`,
    deleteUnreachable: false,
  });
  const joinable = gcpClusterRef(cluster);
  const machines = inLanes(pools, POOLS_AT_A_TIME, (name, pool, dependsOn: GcpKvmNodePool[]) => {
    const args = gcpPoolArgs(config, pool, joinable);
    return new GcpKvmNodePool(names.pool(name), args, { ...inCloud, dependsOn });
  });
  const services = gcpServices(config, { cloud, inside, network });
  return composeFabric(config, inside, machines, services);
}
