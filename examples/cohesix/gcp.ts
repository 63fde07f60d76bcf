import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import * as gcp from "kvm-fabric/gcp";
import * as fabric from "kvm-fabric/kubernetes";
import { cohesix } from "./fabric";

/** On GKE: a Cloud Run function moves the traces to Cloud Storage. */
export function deploy() {
  const config = new pulumi.Config();
  const deletionProtection = config.getBoolean("deletionProtection");
  const region = new pulumi.Config("gcp").require("region");
  const version = config.require("kubernetesVersion");
  const zones = config.requireObject<string[]>("zones");
  const nodeCidr = "10.0.0.0/20";
  const network = gcp.gcpNetworkRef(new gcp.GcpNetwork("cohesix-network", { region, nodeCidr }));
  const cluster = new gcp.GcpCluster("cohesix-cluster", {
    network,
    deletionProtection,
    kubernetesVersion: version,
    nodeZones: zones,
    privateAccessCidrs: [config.require("deployerCidr")],
    servicesPool: {},
  });
  const pool = new gcp.GcpKvmNodePool("cohesix-kvm", {
    cluster: gcp.gcpClusterRef(cluster),
    domain: config.require("domain"),
    version,
    zones,
    machineType: "n2-standard-8",
    threadsPerCore: 2,
    maxNodes: 3,
  });

  const inside = new Provider("inside", {
    kubeconfig: cluster.kubeconfig,
    clusterIdentifier: "cohesix-cluster",
  });
  // The function sends from the nodes' subnetwork, and the balancer's address is in it.
  const loadBalancer = { cloud: fabric.QueenCloud.Gcp, allowedCidrs: [nodeCidr] };
  const { daemonSetName, queen } = cohesix({ cluster: inside, machines: [pool], loadBalancer });

  const { bucketName } = new gcp.GcpTraceUploader("cohesix-uploader", {
    network,
    queen: gcp.queenUploads(queen, "uploader"),
    queenCidrs: [nodeCidr],
    deletionProtection,
  });
  return { daemonSetName, kubeconfig: cluster.kubeconfig, traces: bucketName };
}
