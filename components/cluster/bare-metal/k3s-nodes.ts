import { MachineArchitecture } from "../../kvm-node-pool/catalogue/machine";
import type { Command } from "@pulumi/command/remote";
import * as pulumi from "@pulumi/pulumi";
import { addOnFiles, s3Secret, S3_SECRET_FILE } from "./addons";
import { type BareMetalClusterArgs, Cni } from "./args";
import { type Login, hostCommand } from "./commands";
import { hardeningFiles } from "./hardening";
import { agentConfig, type HostAddresses, K3S_FILES, serverConfig } from "./k3s-config";
import { k3sScript } from "./k3s-script";
import type { BareMetalClusterPlan, HostPlan } from "./plan";
import { prepareScript, unprepareScript } from "./prepare-script";
import { drainScript, uninstallScript } from "./removal-scripts";
import type { Tokens } from "./tokens";
import { oneMinorRelease } from "./upgrade";

/** The files whose content servers read from standard input. */
const SERVER_SECRETS = [
  { path: K3S_FILES.serverToken, mode: "600" },
  { path: K3S_FILES.agentToken, mode: "600" },
];

/** What the steps of a cluster are made with. */
export interface ClusterParts {
  access: BareMetalClusterArgs["access"];
  /** Address of the API server. */
  api: pulumi.Input<string>;
  guard: pulumi.CustomResourceOptions;
  tokens: Tokens;
}

/** Checks and prepares every host, all at once and before any of them is installed. */
export function createPreparations(
  parent: pulumi.Resource,
  { name, hosts, minimumDiskGib, modules }: BareMetalClusterPlan,
  access: ClusterParts["access"],
): Command[] {
  return hosts.map((host) => {
    const create = prepareScript({
      ...{ name: host.name, machine: machineOf(host.architecture), minimumDiskGib, modules },
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
      const create = hostAddresses(plan, host, parts.api).apply((addresses) =>
        k3sScript({
          ...installation(plan, host),
          files: [{ path: K3S_FILES.config, mode: "600", content: agentConfig(host, addresses) }],
          secrets: [{ path: K3S_FILES.agentToken, mode: "600" }],
          others: [],
        }),
      );
      const scripts = {
        create,
        remove: uninstallScript(host.name, "k3s-agent"),
        stdin: pulumi.interpolate`${parts.tokens.agent}\n`,
      };
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
  { access, api, guard, tokens }: ClusterParts,
  dependsOn: pulumi.Resource[],
): Command {
  const s3 = plan.snapshots.s3;
  const create = hostAddresses(plan, host, api).apply((addresses) => {
    const content = serverConfig(plan, host, addresses);
    return k3sScript({
      ...installation(plan, host),
      files: [
        { path: K3S_FILES.config, mode: "600", content },
        ...hardeningFiles(plan.network.cni),
        ...addOnFiles(plan, addresses.api),
      ],
      secrets: [
        ...SERVER_SECRETS,
        ...(s3 === undefined ? [] : [{ path: S3_SECRET_FILE, mode: "600" }]),
      ],
      others: [addresses.api, ...addresses.servers].filter((other) => other !== addresses.own),
    });
  });
  const bucket = s3 === undefined ? "" : pulumi.interpolate`${s3Fields(plan)}\n`;
  const scripts = {
    create,
    remove: uninstallScript(host.name, "k3s"),
    stdin: pulumi.interpolate`${tokens.server}\n${tokens.agent}\n${bucket}`,
  };
  const name = `${plan.name}-${host.name}-server`;
  const beforeUpdate = oneMinorRelease(plan.name, host.name);
  const options = { parent, dependsOn, ...guard, hooks: { beforeUpdate } };
  return hostCommand(name, host, access, scripts, options);
}

function s3Fields({ name, snapshots }: BareMetalClusterPlan): pulumi.Output<string> {
  const { s3 } = snapshots;
  const fields = {
    endpoint: s3?.endpoint ?? "",
    "access-key": s3?.accessKey ?? "",
    "secret-key": s3?.secretKey ?? "",
    bucket: s3?.bucket ?? "",
    region: s3?.region ?? "us-east-1",
    folder: s3?.folder ?? name,
  };
  return pulumi.secret(pulumi.all(fields)).apply(s3Secret);
}

function installation(plan: BareMetalClusterPlan, host: HostPlan) {
  return {
    host: host.name,
    unit: host.server ? ("k3s" as const) : ("k3s-agent" as const),
    version: plan.release.version,
    ...plan.release.binaries[host.architecture],
    first: host.first,
    readyNode: plan.network.cni !== Cni.None,
  };
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
  { name, hosts }: BareMetalClusterPlan,
  host: HostPlan,
  { access }: ClusterParts,
  dependsOn: pulumi.Resource[],
): void {
  const [first] = hosts;
  if (host.first || first === undefined) return;
  const login: Login = first;
  const remove = drainScript(first.name, host.name);
  const scripts = { remove, triggers: [host.address] };
  hostCommand(`${name}-${host.name}-drain`, login, access, scripts, { parent, dependsOn });
}
