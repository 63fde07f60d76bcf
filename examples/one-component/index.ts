import { Namespace } from "@pulumi/kubernetes/core/v1";
import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { type AssetSet, NodeProvisioner } from "kvm-fabric/kubernetes";

const config = new pulumi.Config();
const context = config.require("kubeContext");
const provider = new Provider("cluster", { context, clusterIdentifier: context });

// Your own program goes on as it was: its namespaces, its workloads, its names.
const name = "microvms";
const labels = { "pod-security.kubernetes.io/enforce": "privileged" };
const namespace = new Namespace("microvms", { metadata: { name, labels } }, { provider });

// One component of the library in it: KVM proven, Firecracker installed, nodes labelled.
const { assetSet } = new NodeProvisioner(
  "microvms-provisioner",
  {
    namespace: namespace.metadata.name,
    image: config.require("provisionerImage"),
    assets: config.requireObject<AssetSet>("assets"),
  },
  { providers: [provider] },
);

/** What your own workloads select their nodes by, as the value of the label `kvm-fabric.dev/assets`. */
export const assets = assetSet;
