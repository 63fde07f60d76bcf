import * as pulumi from "@pulumi/pulumi";
import { ConsulRole } from "../../../../components/consul/args";
import { Consul } from "../../../../components/consul/consul";
import { consulRef } from "../../../../components/consul/consul-ref";
import { WorkerDaemonSet } from "../../../../components/worker/worker-daemon-set";

// Objects of the whole cluster are named after the components: the stack's name keeps stacks apart.
const stack = pulumi.getStack();
const config = new pulumi.Config();
const namespace = config.require("namespace");
const agents = config.require("agents");

const consul = new Consul("consul", {
  namespace,
  image: `docker.io/hashicorp/consul:2.0.2@sha256:${"a".repeat(64)}`,
  datacenter: config.get("datacenter"),
  deletionProtection: config.requireBoolean("deletionProtection"),
  // Never while a test counts Jobs.
  snapshots: { schedule: "0 0 29 2 *" },
  storageClass: "lab",
  storageGib: 1,
  consumers: [
    { name: "workers", namespace: agents, role: ConsulRole.Worker },
    ...(config.getBoolean("gateway")
      ? [{ name: "gateway", namespace, role: ConsulRole.Gateway }]
      : []),
  ],
});
const workers = new WorkerDaemonSet(`${stack}-workers`, {
  assetSet: "not-proven-anywhere",
  image: `registry.example.com/worker@sha256:${"b".repeat(64)}`,
  namespace: agents,
  consul: consulRef(consul, "workers"),
});

export const address = consul.address;
export const daemonSet = workers.daemonSetName;
