import { MachineArchitecture } from "../../shared/machine-architecture";
import type { Input } from "@pulumi/pulumi";
import { type Planned, planned } from "../../shared/faults";
import type { Taint } from "../../shared/kvm-nodes";
import { versionWarnings } from "../versions";
import {
  type BareMetalClusterArgs,
  type Cni,
  Encryption,
  type Host,
  HostRole,
  type Manifest,
  type ClusterRelease,
  Distribution,
  type SnapshotBucket,
} from "./args";
import { KUBERNETES_CALENDAR } from "./calendar";
import { defaults } from "./defaults";
import { clusterFaults } from "./faults";
import { serverTaints } from "./k3s-config";
import { sitesOf } from "./sites";

/** A host, with every default filled in. */
export interface HostPlan {
  name: string;
  address: Input<string>;
  architecture: MachineArchitecture;
  /** True for the server that begins the cluster. */
  first: boolean;
  hostKey: Input<string>;
  labels: Record<string, string>;
  port: number;
  publicAddress: Input<string>;
  server: boolean;
  taints: Taint[];
  user: string;
}

/** The pods' network, with every default filled in. */
export interface NetworkPlan {
  cni: Cni;
  cniChartVersion: string;
  clusterDomain: string;
  encryption: Encryption;
  manifest: Manifest | undefined;
  podCidr: string;
  serviceCidr: string;
}

/** One program of a release. */
export interface Binary {
  name: string;
  /** Empty where no host is of the architecture. */
  sha256: string;
  url: string;
}

/** What is installed, and where it comes from. */
export interface ReleasePlan {
  distribution: Distribution;
  version: string;
  /** Programs by architecture. */
  binaries: Record<MachineArchitecture, Binary[]>;
}

/** What addresses, addOns and configurations are rendered from. */
export interface K3sClusterPlan {
  kubeVip: { image: string; interfaceName?: string } | undefined;
  network: NetworkPlan;
  servers: number;
  sites: number;
  snapshots: { retained: number; schedule: string; s3: SnapshotBucket | undefined };
  tlsSans: string[];
}

/** A cluster, with every default filled in. */
export interface BareMetalClusterPlan extends K3sClusterPlan {
  name: string;
  deletionProtection: boolean;
  /** Kernel modules that each host must load. */
  modules: string[];
  minimumDiskGib: number;
  release: ReleasePlan;
  /** Servers first, then workers, each in the order given. */
  hosts: HostPlan[];
  /** What the user should know, though nothing is wrong. */
  warnings: string[];
}

/**
 * Plans a cluster, or names everything that is wrong with its arguments.
 *
 * @param today the day by which a version's support is judged; a version without any is no fault
 */
export function planBareMetalCluster(
  name: string,
  args: BareMetalClusterArgs,
  today: Date = new Date(),
): Planned<BareMetalClusterPlan> {
  return planned(clusterFaults(name, args), () => {
    const network = planNetwork(args);
    const hosts = planHosts(args.hosts);
    const { api, snapshots } = args;
    return {
      name,
      deletionProtection: args.deletionProtection ?? true,
      hosts,
      kubeVip:
        api?.kubeVipImage === undefined
          ? undefined
          : { image: api.kubeVipImage, interfaceName: api.kubeVipInterface },
      minimumDiskGib: args.minimumDiskGib ?? defaults.minimumDiskGib,
      modules: modulesFor(network.encryption === Encryption.WireGuard),
      network,
      release: planRelease(args.release),
      servers: hosts.filter(({ server }) => server).length,
      sites: sitesOf(args.hosts).size,
      snapshots: {
        retained: snapshots?.retained ?? defaults.snapshotsRetained,
        schedule: snapshots?.schedule ?? defaults.snapshotSchedule,
        s3: snapshots?.s3,
      },
      tlsSans: args.tlsSans ?? [],
      warnings: versionWarnings(args.release.version, KUBERNETES_CALENDAR, {
        extended: false,
        today,
      }),
    };
  });
}

/** Where each architecture's programs lie, and their sums. The `+` of a version is escaped, as a URL demands. */
export function planRelease(release: ClusterRelease): ReleasePlan {
  const { version } = release;
  const distribution = distributionOf(version);
  const of = distribution === Distribution.K3s ? k3sBinaries : kubeadmBinaries;
  return {
    distribution,
    version,
    binaries: { amd64: of(release, "amd64"), arm64: of(release, "arm64") },
  };
}

/** Which distribution a release is of: its version says it. */
export function distributionOf(version: string): Distribution {
  return version.includes("+k3s") ? Distribution.K3s : Distribution.Kubeadm;
}

function k3sBinaries(release: ClusterRelease, architecture: MachineArchitecture): Binary[] {
  const base = release.downloadBaseUrl ?? defaults.downloadBaseUrl;
  const file = architecture === MachineArchitecture.Arm64 ? "k3s-arm64" : "k3s";
  const url = `${base}/${release.version.replace("+", "%2B")}/${file}`;
  return [{ name: "k3s", sha256: release.sha256[architecture] ?? "", url }];
}

function kubeadmBinaries(release: ClusterRelease, architecture: MachineArchitecture): Binary[] {
  const base = release.downloadBaseUrl ?? defaults.kubeadmDownloadBaseUrl;
  const sums = {
    kubeadm: release.sha256,
    kubectl: release.kubectlSha256,
    kubelet: release.kubeletSha256,
  };
  return Object.entries(sums).map(([name, sum]) => ({
    name,
    sha256: sum?.[architecture] ?? "",
    url: `${base}/${release.version}/bin/linux/${architecture}/${name}`,
  }));
}

/** Fills in a host's defaults. */
export function planHost(host: Host, taints: readonly Taint[], first: boolean): HostPlan {
  const { zone } = host;
  return {
    name: host.name,
    address: host.address,
    architecture: host.architecture ?? MachineArchitecture.Amd64,
    first,
    hostKey: host.hostKey,
    labels: {
      ...host.labels,
      ...(zone !== undefined && { "topology.kubernetes.io/zone": zone }),
    },
    port: host.port ?? 22,
    publicAddress: host.publicAddress ?? host.address,
    server: host.role !== HostRole.Worker,
    taints: [...taints],
    user: host.user ?? "root",
  };
}

/** The kernel modules that nodes need. */
export function modulesFor(encrypted: boolean): string[] {
  return ["overlay", "br_netfilter", ...(encrypted ? ["wireguard"] : [])];
}

function planHosts(hosts: readonly Host[]): HostPlan[] {
  const servers = hosts.filter(({ role }) => role !== HostRole.Worker);
  const workers = hosts.filter(({ role }) => role === HostRole.Worker);
  return [...servers, ...workers].map((host, index) =>
    planHost(host, serverTaints(host.role), index === 0),
  );
}

function planNetwork({ network = {}, hosts }: BareMetalClusterArgs): NetworkPlan {
  const several = sitesOf(hosts).size > 1;
  return {
    cni: network.cni ?? defaults.cni,
    cniChartVersion: network.cniChartVersion ?? "",
    clusterDomain: network.clusterDomain ?? defaults.clusterDomain,
    manifest: network.cniManifest,
    encryption: network.encryption ?? (several ? Encryption.WireGuard : Encryption.None),
    podCidr: network.podCidr ?? defaults.podCidr,
    serviceCidr: network.serviceCidr ?? defaults.serviceCidr,
  };
}
