import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import * as fabric from "kvm-fabric/kubernetes";

const config = new pulumi.Config();
const context = config.require("context");
const domain = config.require("domain");
const fileName = "cohesix.efi";
const tolerations = [{ key: "virtualization", operator: "Exists" }];
const cluster = { providers: [new Provider("cluster", { context, clusterIdentifier: context })] };

const { agents } = new fabric.Namespaces("cohesix", {}, cluster);

// QEMU comes with the workers' image: the nodes need the kernel alone.
const kernel = { url: config.require("kernelUrl"), sha256: config.require("kernelSha256") };
const { assetSet } = new fabric.NodeProvisioner(
  "cohesix-provisioner",
  {
    namespace: agents,
    domain,
    tolerations,
    image: config.require("provisionerImage"),
    assets: { amd64: { kernel: { ...kernel, fileName } } },
  },
  cluster,
);

const worker = new fabric.WorkerDaemonSet(
  "cohesix-worker",
  {
    namespace: agents,
    domain,
    tolerations,
    assetSet,
    image: config.require("workerImage"),
    vmm: fabric.Vmm.Qemu,
    qemu: { kernel: fileName, memoryMib: 2048, role: "DroneWorker" },
  },
  cluster,
);

/** Name of the DaemonSet: one virtual machine a pod. */
export const { daemonSetName } = worker;
