import { type Cidr, overlap, parseAddress, parseNetwork } from "../../shared/cidr";
import type { Fault } from "../../shared/faults";
import { memberFaults } from "../../shared/members";
import {
  type BareMetalClusterArgs,
  type ClusterNetwork,
  Cni,
  Distribution,
  Encryption,
  type Host,
} from "./args";
import { defaults } from "./defaults";
import { addressFaults } from "./host-faults";
import { sitesOf } from "./sites";

/** Finds what is wrong with the pods' network. */
export function networkFaults(args: BareMetalClusterArgs): Fault[] {
  const { network = {}, hosts, api, distribution } = args;
  const kubeadm = distribution === Distribution.Kubeadm;
  return [
    ...memberFaults("network.cni", network.cni, Object.values(Cni)),
    ...memberFaults("network.encryption", network.encryption, Object.values(Encryption)),
    ...(kubeadm ? [] : [...chartFaults(network), ...encryptionFaults(network, hosts)]),
    ...addressFaults("network.clusterDomain", network.clusterDomain),
    ...rangeFaults(network, hosts, api?.address),
  ];
}

function chartFaults({ cni = defaults.cni, cniChartVersion: got }: ClusterNetwork): Fault[] {
  const path = "network.cniChartVersion";
  if (cni === Cni.Flannel || cni === Cni.None) {
    const problem = `given, but ${cni} is installed by no chart`;
    return got === undefined ? [] : [{ path, problem, got, fix: "to leave one of the two out" }];
  }
  if (got !== undefined && /^v?\d+\.\d+\.\d+$/.test(got)) return [];
  const problem = got === undefined ? "missing" : "not an exact version";
  return [{ path, problem, got, allowed: "as in 1.19.1", fix: `a release of ${cni}'s chart` }];
}

function encryptionFaults(network: ClusterNetwork, hosts: readonly Host[]): Fault[] {
  const { cni = defaults.cni, encryption } = network;
  const path = "network.encryption";
  const several = sitesOf(hosts).size > 1;
  const wanted = encryption === Encryption.WireGuard || (encryption === undefined && several);
  const far = hosts.findIndex(({ publicAddress }) => publicAddress !== undefined);
  const away: Fault = {
    path: `hosts[${String(far)}].publicAddress`,
    problem: `${cni} reaches nodes at their own address alone`,
    fix: `network.cni "${Cni.Flannel}", which crosses address translation`,
  };
  return [
    ...(several && encryption === Encryption.None
      ? [
          {
            path,
            problem: "none, but hosts are on several sites",
            fix: `"${Encryption.WireGuard}"`,
          },
        ]
      : []),
    ...(wanted && (cni === Cni.Calico || cni === Cni.None)
      ? [
          {
            path,
            problem: `not done with ${cni} here`,
            got: encryption,
            allowed: "cilium, flannel",
          },
        ]
      : []),
    ...(several && far >= 0 && cni !== Cni.Flannel ? [away] : []),
  ];
}

interface Taken {
  path: string;
  what: string;
  range: Cidr;
}

function rangeFaults(network: ClusterNetwork, hosts: readonly Host[], api: unknown): Fault[] {
  const { podCidr = defaults.podCidr, serviceCidr = defaults.serviceCidr } = network;
  const ranges = [
    { path: "network.podCidr", what: "the pods' range", text: podCidr },
    { path: "network.serviceCidr", what: "the Services' range", text: serviceCidr },
  ];
  const malformed = ranges.flatMap(({ path, text: got }): Fault[] => {
    const { prefix = 0 } = parseNetwork(got) ?? {};
    const allowed = "an IPv4 range of /8 to /24, as in 10.42.0.0/16";
    const fits = prefix >= 8 && prefix <= 24;
    return fits ? [] : [{ path, problem: "not a range of addresses", got, allowed }];
  });
  const known = ranges.flatMap(({ path, what, text }): Taken[] => {
    const range = parseNetwork(text);
    return range === undefined ? [] : [{ path, what, range }];
  });
  const [pods, services] = known;
  const both = pods && services && overlap(pods.range, services.range);
  const problem = "overlaps with the pods' range";
  return [
    ...malformed,
    ...(both ? [{ path: "network.serviceCidr", problem, got: serviceCidr }] : []),
    ...hosts.flatMap(({ address }, index) =>
      insideFaults(`hosts[${String(index)}].address`, address, known),
    ),
    ...insideFaults("api.address", api, known),
  ];
}

function insideFaults(path: string, address: unknown, taken: readonly Taken[]): Fault[] {
  const number = typeof address === "string" ? parseAddress(address) : undefined;
  if (number === undefined) return [];
  return taken
    .filter(({ range }) => overlap(range, { first: number, prefix: 32 }))
    .map((other) => ({
      path,
      problem: `lies in ${other.what}`,
      got: address,
      fix: `another ${other.path}`,
    }));
}
