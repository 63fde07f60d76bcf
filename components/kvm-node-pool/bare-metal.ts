import type { Command } from "@pulumi/command/remote";
import * as pulumi from "@pulumi/pulumi";
import { Encryption } from "../cluster/bare-metal/args";
import { hostCommand } from "../cluster/bare-metal/commands";
import { workerStep } from "../cluster/bare-metal/distributions";
import { machineOf } from "../cluster/bare-metal/k3s-nodes";
import { type HostPlan, modulesFor } from "../cluster/bare-metal/plan";
import { prepareScript, unprepareScript } from "../cluster/bare-metal/prepare-script";
import { drainScript } from "../cluster/bare-metal/removal-scripts";
import { hostProfileScript } from "../host-profile/script";
import { after } from "../shared/after";
import { requirePlan } from "../shared/require-plan";
import type { BareMetalKvmNodePoolArgs } from "./bare-metal-args";
import { type BareMetalPoolPlan, planBareMetalKvmNodePool } from "./bare-metal-plan";

/**
 * Machines of one's own that run microVMs: each is proven to have KVM before it joins the cluster.
 *
 * Creates, under its logical name `NAME`, for each host: `NAME-HOST-host`, which checks and prepares it,
 * `NAME-HOST-profile`, which gives it its host profile and proves `/dev/kvm`, `NAME-HOST-agent`, which joins it with
 * the node contract's labels and taints, and `NAME-HOST-drain`, which empties the node before its host is cleaned. It
 * costs nothing but the machines.
 *
 * ```typescript
 * new BareMetalKvmNodePool("metal", {
 *   access, cluster: bareMetalClusterRef(cluster, access), release,
 *   hosts: [{ name: "metal-1", address: "10.0.0.21", hostKey: "ssh-ed25519 AAAA..." }],
 * });
 * ```
 *
 * Labels and taints are those of a node's registration: the startup taint that the provisioner took away does not come
 * back when the host or k3s starts again, and a change of the arguments reaches the hosts that join after it. What the
 * host profile set stays when a host leaves.
 *
 * Not for machines of a cloud that has no KVM, nor for servers: a host that runs the API server runs no guests.
 */
export class BareMetalKvmNodePool extends pulumi.ComponentResource {
  /** Labels that select the pool's nodes. */
  public readonly nodeLabels: pulumi.Output<Record<string, string>>;
  /** Names of the nodes; known once all have joined. */
  public readonly nodeNames: pulumi.Output<string[]>;
  /** The pool's name: the value of the pool label; known once all nodes have joined. */
  public readonly poolName: pulumi.Output<string>;

  constructor(
    name: string,
    args: BareMetalKvmNodePoolArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("kvm-fabric:index:BareMetalKvmNodePool", name, args, opts);
    const plan = requirePlan("BareMetalKvmNodePool", name, planBareMetalKvmNodePool(name, args));

    const agents = plan.hosts.map((host) => {
      const prepared = createPreparation(this, plan, host, args);
      const proven = createProfile(this, plan, host, args, prepared);
      const agent = createAgent(this, plan, host, args, [prepared, proven]);
      createDrain(this, plan, host, args.cluster, agent);
      return agent;
    });

    this.nodeLabels = pulumi.output(plan.labels);
    this.nodeNames = pulumi.all(plan.hosts.map((host) => after(host.name, agents)));
    this.poolName = after(name, agents);
    this.registerOutputs({
      nodeLabels: this.nodeLabels,
      nodeNames: this.nodeNames,
      poolName: this.poolName,
    });
  }
}

function createPreparation(
  parent: pulumi.Resource,
  { name, minimumDiskGib, release }: BareMetalPoolPlan,
  host: HostPlan,
  { access, cluster }: BareMetalKvmNodePoolArgs,
): Command {
  const create = pulumi.output(cluster.encryption).apply((encryption) =>
    prepareScript({
      ...{ name: host.name, machine: machineOf(host.architecture), minimumDiskGib, kvm: true },
      distribution: release.distribution,
      modules: modulesFor(encryption === Encryption.WireGuard),
    }),
  );
  const scripts = { create, remove: unprepareScript() };
  return hostCommand(`${name}-${host.name}-host`, host, access, scripts, { parent });
}

function createProfile(
  parent: pulumi.Resource,
  { name, profile }: BareMetalPoolPlan,
  host: HostPlan,
  { access }: BareMetalKvmNodePoolArgs,
  prepared: Command,
): Command {
  const scripts = { create: hostProfileScript(profile) };
  const options = { parent, dependsOn: prepared };
  return hostCommand(`${name}-${host.name}-profile`, host, access, scripts, options);
}

function createAgent(
  parent: pulumi.Resource,
  { name, release }: BareMetalPoolPlan,
  host: HostPlan,
  { access, cluster }: BareMetalKvmNodePoolArgs,
  dependsOn: Command[],
): Command {
  const { agentToken, apiAddress: api, certificateAuthority: authority = "", cni } = cluster;
  const where = pulumi.output({ api, own: host.address, public: host.publicAddress });
  const scripts = workerStep(release, host, where, { agentToken, authority, cni });
  return hostCommand(`${name}-${host.name}-agent`, host, access, scripts, { parent, dependsOn });
}

function createDrain(
  parent: pulumi.Resource,
  { name, release }: BareMetalPoolPlan,
  host: HostPlan,
  { access, ...cluster }: BareMetalKvmNodePoolArgs["cluster"],
  agent: Command,
): void {
  const login = {
    address: cluster.serverAddress,
    hostKey: cluster.serverHostKey,
    port: cluster.serverPort,
    user: cluster.serverUser,
  };
  const remove = drainScript("server", host.name, release.distribution);
  const scripts = { remove, triggers: [host.address] };
  // The API's address stands for the servers: they are there until the node is out of the cluster.
  const triggers = [...scripts.triggers, cluster.apiAddress];
  const options = { parent, dependsOn: agent };
  hostCommand(`${name}-${host.name}-drain`, login, access, { ...scripts, triggers }, options);
}
