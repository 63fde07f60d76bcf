import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { NodeProvisioner } from "../../../../../components/node-provisioner/node-provisioner";
import { WorkerDaemonSet } from "../../../../../components/worker/worker-daemon-set";

// Objects of the whole cluster are named after the components: the stack's name keeps stacks apart.
const name = pulumi.getStack();
const namespace = new pulumi.Config().require("namespace");
const image = `registry.example.com/image@sha256:${"a".repeat(64)}`;
const file = (path: string) => ({ url: `https://example.com/${path}`, sha256: "b".repeat(64) });

const password = new random.RandomPassword(name, { length: 24 });
new corev1.Secret(name, {
  metadata: { name, namespace: namespace },
  stringData: { password: password.result },
});
const provisioner = new NodeProvisioner(`${name}-provisioner`, {
  namespace: namespace,
  image,
  domain: `${name}.example.com`,
  assets: {
    amd64: { vmm: file("vmm"), jailer: file("jailer"), kernel: file("k"), rootfs: file("r") },
  },
});
new WorkerDaemonSet(`${name}-worker`, {
  namespace: namespace,
  image,
  domain: `${name}.example.com`,
  assetSet: provisioner.assetSet,
});

export const assetSet = provisioner.assetSet;
