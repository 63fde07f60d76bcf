import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import * as fabric from "kvm-fabric/kubernetes";

const config = new pulumi.Config();
const context = config.require("context");
const domain = "aetherium.io";
const cluster = { providers: [new Provider("cluster", { context, clusterIdentifier: context })] };

const namespaces = new fabric.Namespaces("aetherium", { services: "aetherium" }, cluster);
const { agents, services } = namespaces;

const consul = new fabric.Consul(
  "aetherium-consul",
  {
    namespace: services,
    image: config.require("consulImage"),
    deletionProtection: config.getBoolean("deletionProtection"),
    consumers: [
      { name: "aetherium-worker", namespace: agents, role: fabric.ConsulRole.Worker },
      { name: "aetherium-api-gateway", namespace: services, role: fabric.ConsulRole.Gateway },
    ],
  },
  cluster,
);

const { assetSet } = new fabric.NodeProvisioner(
  "aetherium-provisioner",
  {
    namespace: agents,
    domain,
    image: config.require("provisionerImage"),
    assets: config.requireObject<fabric.AssetSet>("assets"),
  },
  cluster,
);

const worker = new fabric.WorkerDaemonSet(
  "aetherium-worker",
  {
    namespace: agents,
    domain,
    assetSet,
    image: config.require("workerImage"),
    vmm: fabric.Vmm.Firecracker,
    // Aetherium's worker makes the guests' bridge and TAP devices, behind NAT in the pod's own network.
    tapDevices: fabric.TapDevices.Worker,
    ipForwarding: true,
    consul: fabric.consulRef(consul, "aetherium-worker"),
  },
  cluster,
);

/** Name of the workers' service in Consul's catalogue: what the gateway looks for. */
export const { serviceName } = worker;
/** Where the catalogue is. */
export const consulAddress = consul.address;
