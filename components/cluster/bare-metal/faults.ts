import { MachineArchitecture } from "../../shared/machine-architecture";
import type { Fault } from "../../shared/faults";
import { sha256Faults } from "../../shared/images";
import { memberFaults } from "../../shared/members";
import { instanceNameFaults } from "../../shared/names";
import { wholeNumberFaults } from "../../shared/numbers";
import { apiFaults } from "./api-faults";
import {
  type BareMetalClusterArgs,
  type ClusterRelease,
  Distribution,
  type Host,
  HostRole,
  type Sums,
} from "./args";
import { accessFaults, addressFaults, hostFaults } from "./host-faults";
import { distributionFaults } from "./kubeadm-faults";
import { networkFaults } from "./network-faults";

/** Finds everything that is wrong with the arguments of a cluster. */
export function clusterFaults(name: string, args: BareMetalClusterArgs): Fault[] {
  return [
    ...instanceNameFaults(name),
    ...accessFaults(args.access),
    ...hostFaults(args.hosts),
    ...serverFaults(args.hosts),
    ...memberFaults("distribution", args.distribution, Object.values(Distribution)),
    ...releaseFaults(args.release, args.hosts, args.distribution ?? Distribution.K3s),
    ...distributionFaults(args),
    ...apiFaults(args),
    ...networkFaults(args),
    ...snapshotFaults(args),
    ...wholeNumberFaults("minimumDiskGib", args.minimumDiskGib, 1, 100_000),
    ...(args.tlsSans ?? []).flatMap((san, index) =>
      addressFaults(`tlsSans[${String(index)}]`, san),
    ),
  ];
}

/** The hosts that run API server and etcd. */
export function serversOf(hosts: readonly Host[]): Host[] {
  return hosts.filter(({ role }) => role === HostRole.ControlPlane || role === HostRole.Both);
}

/** etcd needs a majority: an even number of servers tolerates no more failures than one less. */
function serverFaults(hosts: readonly Host[]): Fault[] {
  const path = "hosts";
  const servers = serversOf(hosts);
  const roles = `role ${HostRole.ControlPlane} or ${HostRole.Both}`;
  if (servers.length === 0) {
    return [{ path, problem: "there is no server", fix: `one host, or three, with ${roles}` }];
  }
  if (![1, 3, 5, 7].includes(servers.length)) {
    const problem = "no number of servers that can agree well";
    return [{ path, problem, got: servers.length, allowed: `1, 3, 5 or 7 hosts with ${roles}` }];
  }
  const first = servers[0]?.site ?? "default";
  return hosts.flatMap((host, index) => {
    const site = host.site ?? "default";
    if (!servers.includes(host) || site === first) return [];
    const problem = `a server away from the others, which are at ${first}`;
    const fix = "all servers at one site: their etcd needs short ways and a private network";
    return [{ path: `${path}[${String(index)}].site`, problem, got: site, fix }];
  });
}

/** Checks a release against the hosts that are to run it. */
export function releaseFaults(
  release: ClusterRelease,
  hosts: readonly Host[],
  distribution: Distribution,
): Fault[] {
  const { version, downloadBaseUrl } = release;
  const k3s = distribution === Distribution.K3s;
  const used = new Set(hosts.map(({ architecture }) => architecture ?? MachineArchitecture.Amd64));
  return [
    ...versionFaults("release.version", version, k3s),
    ...sumsFaults("release.sha256", release.sha256, used),
    ...(["kubectlSha256", "kubeletSha256"] as const).flatMap((key) => {
      const path = `release.${key}`;
      if (!k3s) return sumsFaults(path, release[key] ?? {}, used);
      return release[key] === undefined ? [] : [{ path, problem: "given, but k3s is one binary" }];
    }),
    ...urlFaults("release.downloadBaseUrl", downloadBaseUrl),
  ];
}

function sumsFaults(path: string, sums: Sums, used: ReadonlySet<MachineArchitecture>): Fault[] {
  return Object.values(MachineArchitecture)
    .filter((architecture) => used.has(architecture) || sums[architecture] !== undefined)
    .flatMap((architecture) => sha256Faults(`${path}.${architecture}`, sums[architecture]));
}

/** Its configuration's version and the probes' own anonymous access ask kubeadm for 1.34. */
function versionFaults(path: string, got: unknown, k3s: boolean): Fault[] {
  const pattern = k3s
    ? /^v1\.\d{1,3}\.\d{1,3}\+k3s\d{1,2}$/
    : /^v1\.(3[4-9]|[4-9]\d|\d{3})\.\d{1,3}$/;
  if (typeof got === "string" && pattern.test(got)) return [];
  const what = k3s ? "an exact version of k3s" : "an exact version of Kubernetes, 1.34 or newer";
  const problem = got === undefined ? "missing" : `not ${what}`;
  return [{ path, problem, got, allowed: k3s ? "as in v1.36.3+k3s1" : "as in v1.36.3" }];
}

function urlFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined || /^https:\/\/[A-Za-z0-9][\w.:-]*(\/[\w.~%+-]+)*$/.test(got)) return [];
  // Somebody's password may stand before the host.
  const value = got.includes("@") ? {} : { got };
  return [{ path, problem: "not an https URL", ...value, allowed: "https://HOST[/PATH]" }];
}

function snapshotFaults({ snapshots }: BareMetalClusterArgs): Fault[] {
  const path = "snapshots";
  const schedule = snapshots?.schedule;
  const list = String.raw`(\*|\d+(-\d+)?)(/[1-9]\d*)?(,(\*|\d+(-\d+)?)(/[1-9]\d*)?)*`;
  const cron = schedule === undefined || new RegExp(`^${list}( ${list}){4}$`).test(schedule);
  const allowed = "five fields, as in 17 */6 * * *";
  return [
    ...(cron
      ? []
      : [{ path: `${path}.schedule`, problem: "not a cron schedule", got: schedule, allowed }]),
    ...wholeNumberFaults(`${path}.retained`, snapshots?.retained, 1, 10_000),
    ...addressFaults(`${path}.s3.endpoint`, snapshots?.s3?.endpoint),
  ];
}
