import * as pulumi from "@pulumi/pulumi";
import { addOnFiles, s3Secret, S3_SECRET_FILE } from "./addons";
import { Cni, Distribution } from "./args";
import { hardeningFiles } from "./hardening";
import {
  agentConfig,
  type AgentAddresses,
  type HostAddresses,
  K3S_FILES,
  serverConfig,
} from "./k3s-config";
import { k3sScript } from "./k3s-script";
import {
  encryptionConfig,
  joinSecret,
  KUBEADM_SERVER_SECRETS,
  KUBEADM_WORKER_SECRETS,
  kubeadmServerFiles,
  kubeadmWorkerFiles,
} from "./kubeadm-config";
import type { KubeadmKeys } from "./kubeadm-keys";
import { kubeadmScript } from "./kubeadm-script";
import type { BareMetalClusterPlan, HostPlan, ReleasePlan } from "./plan";
import { uninstallScript } from "./removal-scripts";
import type { Tokens } from "./tokens";

/** What one host runs to become what it is, and to be that no more. */
export interface NodeStep {
  create: pulumi.Output<string>;
  remove: string;
  stdin: pulumi.Output<string>;
}

/** What a cluster's steps are made with. */
export interface ClusterSecrets {
  /** Of kubeadm alone. */
  keys: KubeadmKeys | undefined;
  tokens: Tokens;
}

/** The step of a server. */
export function serverStep(
  plan: BareMetalClusterPlan,
  host: HostPlan,
  where: pulumi.Output<HostAddresses>,
  secrets: ClusterSecrets,
): NodeStep {
  return plan.release.distribution === Distribution.K3s
    ? k3sServer(plan, host, where, secrets)
    : kubeadmServer(plan, host, where, secrets);
}

function k3sServer(
  plan: BareMetalClusterPlan,
  host: HostPlan,
  where: pulumi.Output<HostAddresses>,
  { tokens }: ClusterSecrets,
): NodeStep {
  const s3 = plan.snapshots.s3;
  const create = where.apply((addresses) =>
    k3sScript({
      ...{ host: host.name, unit: "k3s", version: plan.release.version, first: host.first },
      ...k3sBinary(plan.release, host),
      readyNode: plan.network.cni !== Cni.None,
      files: [
        { path: K3S_FILES.config, mode: "600", content: serverConfig(plan, host, addresses) },
        ...hardeningFiles(plan.network.cni),
        ...addOnFiles(plan, addresses.api),
      ],
      secrets: [
        { path: K3S_FILES.serverToken, mode: "600" },
        { path: K3S_FILES.agentToken, mode: "600" },
        ...(s3 === undefined ? [] : [{ path: S3_SECRET_FILE, mode: "600" }]),
      ],
      others: othersOf(addresses),
    }),
  );
  const bucket = s3 === undefined ? "" : pulumi.interpolate`${s3Fields(plan)}\n`;
  const stdin = pulumi.interpolate`${tokens.server}\n${tokens.agent}\n${bucket}`;
  return { create, remove: uninstallScript(host.name, "k3s"), stdin };
}

function kubeadmServer(
  plan: BareMetalClusterPlan,
  host: HostPlan,
  where: pulumi.Output<HostAddresses>,
  { keys, tokens }: ClusterSecrets,
): NodeStep {
  if (keys === undefined) throw new Error("kubeadm without keys");
  const create = pulumi.all([where, keys.authority]).apply(([addresses, authority]) =>
    kubeadmScript({
      ...{ host: host.name, server: true, first: host.first, version: plan.release.version },
      binaries: plan.release.binaries[host.architecture],
      files: kubeadmServerFiles(plan, host, addresses, authority),
      secrets: KUBEADM_SERVER_SECRETS,
      others: othersOf(addresses),
      manifest: plan.network.manifest,
      readyNode: plan.network.cni !== Cni.None,
      snapshotsRetained: plan.snapshots.retained,
    }),
  );
  const lines = pulumi
    .all([tokens.agent, tokens.server, keys.lines])
    .apply(([agent, server, pems]) =>
      [agent, joinSecret(agent), encryptionConfig(server), ...pems, ""].join("\n"),
    );
  return { create, remove: uninstallScript(host.name, "kubelet"), stdin: lines };
}

/** What a worker joins with. */
export interface WorkerSurroundings {
  agentToken: pulumi.Input<string>;
  /** PEM of the cluster's authority; of kubeadm alone. */
  authority: pulumi.Input<string>;
  cni: pulumi.Input<string>;
}

/** The step of a worker. */
export function workerStep(
  release: ReleasePlan,
  host: HostPlan,
  where: pulumi.Output<AgentAddresses>,
  { agentToken, authority, cni }: WorkerSurroundings,
): NodeStep {
  const k3s = release.distribution === Distribution.K3s;
  const create = pulumi.all([where, authority, cni]).apply(([addresses, certificate, network]) => {
    const common = { host: host.name, version: release.version, first: false, others: [] };
    const readyNode = network !== Cni.None;
    if (!k3s) {
      return kubeadmScript({
        ...{ ...common, readyNode, server: false, snapshotsRetained: 0 },
        binaries: release.binaries[host.architecture],
        files: kubeadmWorkerFiles(host, addresses, certificate),
        secrets: KUBEADM_WORKER_SECRETS,
      });
    }
    return k3sScript({
      ...{ ...common, readyNode, unit: "k3s-agent", ...k3sBinary(release, host) },
      files: [{ path: K3S_FILES.config, mode: "600", content: agentConfig(host, addresses) }],
      secrets: [{ path: K3S_FILES.agentToken, mode: "600" }],
    });
  });
  const remove = uninstallScript(host.name, k3s ? "k3s-agent" : "kubelet");
  return { create, remove, stdin: pulumi.interpolate`${agentToken}\n` };
}

function k3sBinary({ binaries }: ReleasePlan, { architecture }: HostPlan) {
  const { sha256 = "", url = "" } = binaries[architecture][0] ?? {};
  return { sha256, url };
}

function othersOf({ api, own, servers }: HostAddresses): string[] {
  return [api, ...servers].filter((other) => other !== own);
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
