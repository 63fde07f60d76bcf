import * as pulumi from "@pulumi/pulumi";
import * as fabric from "kvm-fabric/kubernetes";

/** What differs from one target to the other. */
export interface Place {
  cluster: pulumi.ProviderResource;
  /** What runs the pods, if it is made here. */
  machines?: pulumi.Resource[];
  /** A way to Queen's traces for a function outside the cluster. */
  loadBalancer?: fabric.QueenLoadBalancer;
  /** Of Queen's volume. Defaults to the cluster's default. */
  storageClass?: pulumi.Input<string>;
}

/** What a target answers with. */
export interface Cohesix {
  daemonSetName: pulumi.Output<string>;
  /** `pulumi stack output kubeconfig --show-secrets`; empty where the cluster is not made here. */
  kubeconfig: pulumi.Input<string>;
  /** The bucket that traces are moved to. */
  traces: pulumi.Input<string>;
}

/** Queen and her DroneWorkers, each a virtual machine of QEMU that boots the same kernel into a role of its own. */
export function cohesix({ cluster, machines = [], loadBalancer, storageClass }: Place) {
  const config = new pulumi.Config();
  const inCluster = { providers: [cluster], dependsOn: machines };
  const kernel = { url: config.require("kernelUrl"), sha256: config.require("kernelSha256") };
  const fileName = "cohesix.efi";
  const image = config.require("image");
  const proxyImage = config.require("proxyImage");
  const { agents, services } = new fabric.Namespaces("cohesix", {}, inCluster);
  const node = {
    namespace: agents,
    domain: config.require("domain"),
    tolerations: [{ key: "virtualization", operator: "Exists" }],
  };
  // QEMU comes with the image: the nodes need the kernel alone.
  const assets = { amd64: { kernel: { ...kernel, fileName } } };
  const provisioner = { ...node, image: config.require("provisionerImage"), assets };
  const { assetSet } = new fabric.NodeProvisioner("cohesix-provisioner", provisioner, inCluster);

  const consumers = [
    { name: "workers", role: fabric.QueenRole.Worker, namespace: agents },
    { name: "uploader", role: fabric.QueenRole.Uploader, namespace: services },
  ];
  const primary = { ...node, assetSet, image, proxyImage, consumers, loadBalancer };
  const deletionProtection = config.getBoolean("deletionProtection");
  const guest = { kernel: fileName, memoryMib: 2048 };
  const all = { ...primary, guest, deletionProtection, storageClass };
  const queen = new fabric.Queen("cohesix-queen", all, inCluster);
  const drones = {
    ...{ ...node, assetSet, image, vmm: fabric.Vmm.Qemu },
    qemu: { ...guest, role: "DroneWorker" },
    ...{ queen: fabric.queenRef(queen, "workers"), queenProxyImage: proxyImage },
  };
  const { daemonSetName } = new fabric.WorkerDaemonSet("cohesix-worker", drones, inCluster);
  return { daemonSetName, inCluster, queen, services };
}
