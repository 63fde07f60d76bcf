import type { Command } from "@pulumi/command/remote";
import * as pulumi from "@pulumi/pulumi";
import { after } from "../../shared/after";
import { requirePlan } from "../../shared/require-plan";
import { type BareMetalClusterArgs, Distribution } from "./args";
import { hostCommand } from "./commands";
import { API_PORT, urlHost } from "./k3s-config";
import { type ClusterParts, createPreparations, createServers, createWorkers } from "./k3s-nodes";
import { createKubeadmKeys } from "./kubeadm-keys";
import { adminKubeconfig } from "./kubeconfig";
import { type BareMetalClusterPlan, type HostPlan, planBareMetalCluster } from "./plan";
import { credentialScript } from "./removal-scripts";
import { createTokens } from "./tokens";

/**
 * A Kubernetes cluster on machines that exist: k3s, or Kubernetes by kubeadm, with etcd among its servers, over SSH.
 *
 * Creates, under its logical name `NAME`: the tokens `NAME-server-token` and `NAME-agent-token`; for each host
 * `NAME-HOST-host`, which checks and prepares it, then `NAME-HOST-server` or `NAME-HOST-agent`, which installs k3s,
 * and `NAME-HOST-drain`, which takes the node out of the cluster before its host is cleaned; `NAME-kubeconfig`. It
 * costs nothing but the machines.
 *
 * Servers start, and are upgraded, one after another, each once the one before it is ready; workers follow. Secrets
 * are encrypted in etcd, pods held to `restricted`, everything audited, tokens kept off command lines.
 *
 * ```typescript
 * const cluster = new BareMetalCluster("fabric", {
 *   access: { privateKey: config.requireSecret("sshKey") }, api: { address: "10.0.0.10", kubeVipImage },
 *   hosts: [{ name: "one", role: HostRole.Both, address: "10.0.0.1", hostKey: "ssh-ed25519 AAAA..." }, ...],
 *   network: { cniChartVersion: "1.19.1" },
 *   release: { version: "v1.36.3+k3s1", sha256: { amd64: "..." } },
 * });
 * ```
 *
 * Keep `serverToken` with the snapshots: a restore needs it (`k3s server --cluster-reset`, see k3s's documentation).
 * The snapshots on the servers' disks outlive a destroy, in /var/lib/kvm-fabric/etcd-snapshots. A host that leaves as
 * the first of the list takes nobody's place: put another one first in a run before.
 *
 * With kubeadm the cluster's authorities are made here as well, `NAME-ca` and its like, containerd is the owner's, the
 * CNI is a manifest, and servers are reached through a load balancer; etcd is saved every six hours, on the disks alone.
 *
 * Not for machines of a cloud that runs Kubernetes itself. What a script needs on a host is Linux with systemd, cgroup
 * v2, curl and a POSIX shell; hosts must reach each other and the place that the release is fetched from.
 */
export class BareMetalCluster extends pulumi.ComponentResource {
  /** What lets a host join as a worker. Secret. */
  public readonly agentToken: pulumi.Output<string>;
  /** Address of the API server; known once all servers are ready. */
  public readonly apiAddress: pulumi.Output<string>;
  /** The cluster's authority, in PEM; empty with k3s, which makes its own. */
  public readonly certificateAuthority: pulumi.Output<string>;
  /** The CNI of the cluster. */
  public readonly cni: pulumi.Output<string>;
  /** How traffic between nodes is hidden. */
  public readonly encryption: pulumi.Output<string>;
  /** URL of the API server; known once all servers are ready. */
  public readonly endpoint: pulumi.Output<string>;
  /** The administrator's kubeconfig. It holds a key that opens everything. Secret. */
  public readonly kubeconfig: pulumi.Output<string>;
  /** Version that the servers run. */
  public readonly kubernetesVersion: pulumi.Output<string>;
  /** Address of the first server. */
  public readonly serverAddress: pulumi.Output<string>;
  /** Public SSH host key of the first server. */
  public readonly serverHostKey: pulumi.Output<string>;
  /** SSH port of the first server. */
  public readonly serverPort: pulumi.Output<number>;
  /** What lets a host join as a server, and what a restore from a snapshot needs: keep it with them. Secret. */
  public readonly serverToken: pulumi.Output<string>;
  /** User of the first server. */
  public readonly serverUser: pulumi.Output<string>;

  constructor(name: string, args: BareMetalClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:BareMetalCluster", name, args, opts);
    const plan = requirePlan("BareMetalCluster", name, planBareMetalCluster(name, args));
    for (const warning of plan.warnings) void pulumi.log.warn(warning, this);
    const first = firstOf(plan);

    const guard = plan.deletionProtection ? { protect: true } : {};
    const { distribution } = plan.release;
    const tokens = createTokens(this, name, guard, distribution);
    const keys =
      distribution === Distribution.Kubeadm ? createKubeadmKeys(this, name, guard) : undefined;
    const api = args.api?.address ?? first.address;
    const parts = { access: args.access, api, guard, keys, tokens };
    const prepared = createPreparations(this, plan, args.access);
    const servers = createServers(this, plan, parts, prepared);
    createWorkers(this, plan, parts, servers);

    this.agentToken = tokens.agent;
    this.apiAddress = after(api, servers);
    this.certificateAuthority = pulumi.output(keys?.authority ?? "");
    this.cni = pulumi.output(plan.network.cni);
    this.encryption = pulumi.output(plan.network.encryption);
    this.endpoint = this.apiAddress.apply((host) => `https://${urlHost(host)}:${API_PORT}`);
    this.kubeconfig = createKubeconfig(this, plan, first, parts, servers);
    this.kubernetesVersion = after(plan.release.version, servers);
    this.serverAddress = pulumi.output(first.address);
    this.serverHostKey = pulumi.output(first.hostKey);
    this.serverPort = pulumi.output(first.port);
    this.serverToken = tokens.server;
    this.serverUser = pulumi.output(first.user);
    this.registerOutputs({
      agentToken: this.agentToken,
      apiAddress: this.apiAddress,
      certificateAuthority: this.certificateAuthority,
      cni: this.cni,
      encryption: this.encryption,
      endpoint: this.endpoint,
      kubeconfig: this.kubeconfig,
      kubernetesVersion: this.kubernetesVersion,
      serverAddress: this.serverAddress,
      serverHostKey: this.serverHostKey,
      serverPort: this.serverPort,
      serverToken: this.serverToken,
      serverUser: this.serverUser,
    });
  }
}

/** A plan has a server: the faults see to it. */
function firstOf({ hosts }: BareMetalClusterPlan): HostPlan {
  const [first] = hosts;
  if (first === undefined) throw new Error("a plan without hosts");
  return first;
}

/** Reads the administrator's credential off the first server, anew with each release: k3s renews it at a restart. */
function createKubeconfig(
  parent: pulumi.Resource,
  { name, release }: BareMetalClusterPlan,
  first: HostPlan,
  { access, api }: ClusterParts,
  servers: readonly Command[],
): pulumi.Output<string> {
  const scripts = {
    create: credentialScript(release.distribution),
    secretOutput: true,
    triggers: [release.version],
  };
  const { stdout } = hostCommand(`${name}-kubeconfig`, first, access, scripts, {
    parent,
    dependsOn: [...servers],
  });
  return pulumi.secret(
    pulumi.all([api, stdout]).apply(([address, text]) => adminKubeconfig(name, address, text)),
  );
}
