import { MachineArchitecture } from "../../kvm-node-pool/catalogue/machine";
import type { Input } from "@pulumi/pulumi";
import { type Planned, planned } from "../../shared/faults";
import type { Taint } from "../../shared/kvm-nodes";
import {
  type BareMetalClusterArgs,
  type Cni,
  Encryption,
  type Host,
  HostRole,
  type K3sRelease,
  type SnapshotBucket,
} from "./args";
import { defaults } from "./defaults";
import { clusterFaults } from "./faults";
import { serverTaints } from "./k3s-config";
import { sitesOf } from "./network-faults";

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
  podCidr: string;
  serviceCidr: string;
}

/** Where k3s comes from. */
export interface ReleasePlan {
  version: string;
  /** URL and SHA-256 of the binary by architecture; empty where no host is of one. */
  binaries: Record<MachineArchitecture, { sha256: string; url: string }>;
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
}

/** Plans a cluster, or names everything that is wrong with its arguments. */
export function planBareMetalCluster(
  name: string,
  args: BareMetalClusterArgs,
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
    };
  });
}

/** Where each architecture's binary lies, and its sum. The `+` of a version is escaped, as a URL demands. */
export function planRelease({ version, sha256, downloadBaseUrl }: K3sRelease): ReleasePlan {
  const base = `${downloadBaseUrl ?? defaults.downloadBaseUrl}/${version.replace("+", "%2B")}`;
  return {
    version,
    binaries: {
      amd64: { sha256: sha256.amd64 ?? "", url: `${base}/k3s` },
      arm64: { sha256: sha256.arm64 ?? "", url: `${base}/k3s-arm64` },
    },
  };
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
    encryption: network.encryption ?? (several ? Encryption.WireGuard : Encryption.None),
    podCidr: network.podCidr ?? defaults.podCidr,
    serviceCidr: network.serviceCidr ?? defaults.serviceCidr,
  };
}
