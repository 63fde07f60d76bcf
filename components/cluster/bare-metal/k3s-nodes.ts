import { MachineArchitecture } from "../../shared/machine-architecture";
import type { Command } from "@pulumi/command/remote";
import * as pulumi from "@pulumi/pulumi";
import type { BareMetalClusterArgs } from "./args";
import { type Login, hostCommand } from "./commands";
import { serverStep, workerStep } from "./distributions";
import type { HostAddresses } from "./k3s-config";
import type { KubeadmKeys } from "./kubeadm-keys";
import type { BareMetalClusterPlan, HostPlan } from "./plan";
import { prepareScript, unprepareScript } from "./prepare-script";
import { drainScript } from "./removal-scripts";
import type { Tokens } from "./tokens";
import { oneMinorRelease } from "./upgrade";

/** What the steps of a cluster are made with. */
export interface ClusterParts {
  access: BareMetalClusterArgs["access"];
  /** Address of the API server. */
  api: pulumi.Input<string>;
  guard: pulumi.CustomResourceOptions;
  /** Of kubeadm alone. */
  keys: KubeadmKeys | undefined;
  tokens: Tokens;
}

/** Checks and prepares every host, all at once and before any of them is installed. */
export function createPreparations(
  parent: pulumi.Resource,
  { name, hosts, minimumDiskGib, modules, release }: BareMetalClusterPlan,
  access: ClusterParts["access"],
): Command[] {
  return hosts.map((host) => {
    const create = prepareScript({
      ...{ name: host.name, machine: machineOf(host.architecture), minimumDiskGib, modules },
      distribution: release.distribution,
    });
    const scripts = { create, remove: unprepareScript() };
    return hostCommand(`${name}-${host.name}-host`, host, access, scripts, { parent });
  });
}

/** As `uname -m` prints an architecture. */
export function machineOf(architecture: MachineArchitecture): string {
  return architecture === MachineArchitecture.Arm64 ? "aarch64" : "x86_64";
}

/**
 * Installs the servers one after another: each waits until the one before it is ready, at the first `up` as at an
 * upgrade. A server but the first is taken out of etcd before it goes.
 */
export function createServers(
  parent: pulumi.Resource,
  plan: BareMetalClusterPlan,
  parts: ClusterParts,
  before: readonly pulumi.Resource[],
): Command[] {
  const servers: Command[] = [];
  for (const host of plan.hosts.filter(({ server }) => server)) {
    const dependsOn = [...before, ...servers.slice(-1)];
    const server = createServer(parent, plan, host, parts, dependsOn);
    createDrain(parent, plan, host, parts, [server, ...servers.slice(0, 1)]);
    servers.push(server);
  }
  return servers;
}

/** Joins the workers, all at once, after the last server. */
export function createWorkers(
  parent: pulumi.Resource,
  plan: BareMetalClusterPlan,
  parts: ClusterParts,
  servers: readonly Command[],
): Command[] {
  return plan.hosts
    .filter(({ server }) => !server)
    .map((host) => {
      const where = hostAddresses(plan, host, parts.api);
      const scripts = workerStep(plan.release, host, where, {
        agentToken: parts.tokens.agent,
        authority: parts.keys?.authority ?? "",
        cni: plan.network.cni,
      });
      const worker = hostCommand(`${plan.name}-${host.name}-agent`, host, parts.access, scripts, {
        parent,
        dependsOn: [...servers],
      });
      createDrain(parent, plan, host, parts, [worker, ...servers]);
      return worker;
    });
}

function createServer(
  parent: pulumi.Resource,
  plan: BareMetalClusterPlan,
  host: HostPlan,
  { access, api, guard, keys, tokens }: ClusterParts,
  dependsOn: pulumi.Resource[],
): Command {
  const scripts = serverStep(plan, host, hostAddresses(plan, host, api), { keys, tokens });
  const name = `${plan.name}-${host.name}-server`;
  const beforeUpdate = oneMinorRelease(plan.name, host.name);
  const options = { parent, dependsOn, ...guard, hooks: { beforeUpdate } };
  return hostCommand(name, host, access, scripts, options);
}

function hostAddresses(
  { hosts }: BareMetalClusterPlan,
  host: HostPlan,
  api: pulumi.Input<string>,
): pulumi.Output<HostAddresses> {
  const servers = hosts.filter(({ server }) => server);
  return pulumi.output({
    api,
    first: servers[0]?.address ?? "",
    own: host.address,
    public: host.publicAddress,
    servers: pulumi
      .all(servers.flatMap(({ address, publicAddress }) => [address, publicAddress]))
      .apply((all) => [...new Set(all)]),
  });
}

/** Takes a node out of the cluster before its host is cleaned, through the first server. The first itself stays last. */
function createDrain(
  parent: pulumi.Resource,
  { name, hosts, release }: BareMetalClusterPlan,
  host: HostPlan,
  { access }: ClusterParts,
  dependsOn: pulumi.Resource[],
): void {
  const [first] = hosts;
  if (host.first || first === undefined) return;
  const login: Login = first;
  const remove = drainScript(first.name, host.name, release.distribution);
  const scripts = { remove, triggers: [host.address] };
  hostCommand(`${name}-${host.name}-drain`, login, access, scripts, { parent, dependsOn });
}
