import * as pulumi from "@pulumi/pulumi";
import * as fabric from "kvm-fabric/kubernetes";
import { serve, type Stores } from "./services";

/** What differs from one target to the other. */
export interface Place {
  cluster: pulumi.ProviderResource;
  /** What runs the pods, if it is made here. */
  machines?: pulumi.Resource[];
  /** Of what keeps data in the cluster. Defaults to the cluster's default. */
  storageClass?: pulumi.Input<string>;
  /** Stores that the cloud runs. Defaults to stores in the cluster, or somebody else's. */
  stores?: Stores;
}

/** Consul, Firecracker workers on every proven KVM node, and the gateway that finds them. */
export function aetherium({ cluster, machines = [], storageClass, stores }: Place) {
  const config = new pulumi.Config();
  const domain = "aetherium.io";
  const inCluster = { providers: [cluster], dependsOn: machines };
  const flows = fabric.apiGatewayFlows();
  const { agents, services } = new fabric.Namespaces(
    "aetherium",
    { services: "aetherium", flows },
    inCluster,
  );

  const external = config.getObject<fabric.ExternalConsul>("externalConsul");
  const own = {
    image: config.get("consulImage"),
    deletionProtection: config.getBoolean("deletionProtection"),
    storageClass,
  };
  const token = external && config.requireSecret("consulToken");
  const consumers = [
    { name: "aetherium-worker", namespace: agents, role: fabric.ConsulRole.Worker, token },
    { name: "aetherium-api-gateway", namespace: services, role: fabric.ConsulRole.Gateway, token },
  ];
  const discovery = { namespace: services, consumers, ...(external ? { external } : own) };
  const consul = new fabric.Consul("aetherium-consul", discovery, inCluster);

  const assets = config.requireObject<fabric.AssetSet>("assets");
  const node = { namespace: agents, domain };
  const provisioner = { ...node, image: config.require("provisionerImage"), assets };
  const { assetSet } = new fabric.NodeProvisioner("aetherium-provisioner", provisioner, inCluster);
  // Aetherium's worker makes the guests' bridge and TAP devices, behind NAT in the pod's own network.
  const network = { tapDevices: fabric.TapDevices.Worker, ipForwarding: true };
  const worker = {
    ...{ ...node, ...network, assetSet, image: config.require("workerImage") },
    consul: fabric.consulRef(consul, "aetherium-worker"),
  };
  const workers = new fabric.WorkerDaemonSet("aetherium-worker", worker, inCluster);

  const part = { agents, services, inCluster, storageClass, stores };
  const gateway = serve({ ...part, consul, workers: workers.serviceName });
  return { consulAddress: consul.address, serviceName: workers.serviceName, urls: gateway.urls };
}
