import * as fc from "fast-check";
import {
  type BareMetalClusterArgs,
  Cni,
  Encryption,
  HostRole,
} from "../../../../../components/cluster/bare-metal/args";
import { planBareMetalCluster } from "../../../../../components/cluster/bare-metal/plan";
import { releaseStepFaults } from "../../../../../components/cluster/bare-metal/upgrade";
import { renderFault } from "../../../../../components/shared/faults";
import { haCluster, host, HOST_KEY, KUBE_VIP, PRIVATE_KEY, singleHost, SUM } from "./hosts";

function faultsOf(args: BareMetalClusterArgs, name = "fabric"): string[] {
  const result = planBareMetalCluster(name, args);
  return result.ok ? [] : result.faults.map(renderFault);
}

const servers = (count: number) =>
  Array.from({ length: count }, (_, index) => host(`s${index}`, index + 1));
const version = (text: string) => haCluster({ release: { version: text, sha256: { amd64: SUM } } });
const oneHost = (changes: object) => singleHost({ hosts: [{ ...host("one", 1), ...changes }] });

test("takes three servers with a worker, and a single host", () => {
  expect(faultsOf(haCluster())).toEqual([]);
  expect(faultsOf(singleHost())).toEqual([]);
});

const cases: [string, BareMetalClusterArgs, string[]][] = [
  [
    "an even number of servers",
    haCluster({ hosts: servers(2) }),
    [
      "hosts: no number of servers that can agree well, got 2, allowed 1, 3, 5 or 7 hosts with role control-plane or both",
    ],
  ],
  [
    "no server",
    haCluster({ hosts: [host("one", 1, HostRole.Worker)] }),
    ["hosts: there is no server; try one host, or three, with role control-plane or both"],
  ],
  [
    "no host at all",
    singleHost({ hosts: [] }),
    ["hosts: there is no server; try one host, or three, with role control-plane or both"],
  ],
  [
    "two hosts of one name and one address",
    haCluster({ hosts: [...servers(3), host("s0", 1, HostRole.Worker)] }),
    [
      'hosts[3].name: there are two of that name, got "s0"',
      'hosts[3].address: the address of s0 too, got "10.0.0.1"',
    ],
  ],
  [
    "a role that there is not",
    oneHost({ role: "master" }),
    [
      'hosts[0].role: not one of the values, got "master", allowed control-plane, worker, both',
      "hosts: there is no server; try one host, or three, with role control-plane or both",
    ],
  ],
  [
    "several servers and no address that outlives one",
    haCluster({ api: undefined }),
    [
      "api: missing: with several servers none of their addresses outlives its host; try a free address with kubeVipImage, or the address of a TCP load balancer",
    ],
  ],
  [
    "kube-vip's address on a host",
    haCluster({ api: { address: "10.0.0.2", kubeVipImage: KUBE_VIP } }),
    [
      'api.address: the address of the host two, got "10.0.0.2"; try an address that no machine has',
    ],
  ],
  [
    "kube-vip without a digest, its interface no interface",
    haCluster({
      api: { address: "10.0.0.100", kubeVipImage: "kube-vip:v1", kubeVipInterface: "a b" },
    }),
    [
      'api.kubeVipImage: an image that is not pinned by digest, got "kube-vip:v1", allowed registry/name[:tag]@sha256:<64 hexadecimal digits>; try the digest that `docker buildx imagetools inspect IMAGE` prints',
      'api.kubeVipInterface: not the name of a network interface, got "a b", allowed at most 15 letters, digits, -, _ and .',
    ],
  ],
  [
    "kube-vip on a name, an interface without kube-vip",
    haCluster({ api: { address: "api.example.com", kubeVipImage: KUBE_VIP } }),
    ['api.address: kube-vip carries no name, got "api.example.com", allowed IPv4'],
  ],
  [
    "an interface for a balancer of the caller's",
    haCluster({ api: { address: "10.0.0.100", kubeVipInterface: "eth0" } }),
    ['api.kubeVipInterface: given without kubeVipImage, got "eth0"'],
  ],
  [
    "no sum for the hosts' processors",
    haCluster({
      hosts: [...servers(3), { ...host("arm", 9, HostRole.Worker), architecture: "arm64" }],
    }),
    [
      "release.sha256.arm64: missing, allowed 64 lower-case hexadecimal digits; try the sum that `sha256sum FILE` prints for the very file",
    ],
  ],
  [
    "latest",
    version("latest"),
    ['release.version: not an exact version of k3s, got "latest", allowed as in v1.36.3+k3s1'],
  ],
  [
    "upstream's version",
    version("v1.36.3"),
    ['release.version: not an exact version of k3s, got "v1.36.3", allowed as in v1.36.3+k3s1'],
  ],
  [
    "a download that is not https",
    haCluster({
      release: { version: "v1.36.3+k3s1", sha256: { amd64: SUM }, downloadBaseUrl: "http://m" },
    }),
    ['release.downloadBaseUrl: not an https URL, got "http://m", allowed https://HOST[/PATH]'],
  ],
  [
    "pods and Services in one range",
    haCluster({ network: { cniChartVersion: "1.19.1", serviceCidr: "10.42.128.0/20" } }),
    ['network.serviceCidr: overlaps with the pods\' range, got "10.42.128.0/20"'],
  ],
  [
    "ranges that hosts and the API server are in",
    haCluster({ network: { cniChartVersion: "1.19.1", podCidr: "10.0.0.0/24" } }),
    [
      ...[1, 2, 3, 4].map(
        (n) =>
          `hosts[${n - 1}].address: lies in the pods' range, got "10.0.0.${n}"; try another network.podCidr`,
      ),
      'api.address: lies in the pods\' range, got "10.0.0.100"; try another network.podCidr',
    ],
  ],
  [
    "no ranges",
    haCluster({
      network: { cniChartVersion: "1.19.1", podCidr: "10.42.0.1/16", serviceCidr: "x" },
    }),
    [
      'network.podCidr: not a range of addresses, got "10.42.0.1/16", allowed an IPv4 range of /8 to /24, as in 10.42.0.0/16',
      'network.serviceCidr: not a range of addresses, got "x", allowed an IPv4 range of /8 to /24, as in 10.42.0.0/16',
    ],
  ],
  [
    "a chart's version for what has no chart",
    haCluster({ network: { cni: Cni.Flannel, cniChartVersion: "1.19.1" } }),
    [
      'network.cniChartVersion: given, but flannel is installed by no chart, got "1.19.1"; try to leave one of the two out',
    ],
  ],
  [
    "a chart without a version",
    haCluster({ network: {} }),
    ["network.cniChartVersion: missing, allowed as in 1.19.1; try a release of cilium's chart"],
  ],
  [
    "a chart's range of versions",
    haCluster({ network: { cni: Cni.Calico, cniChartVersion: "v3.31.x" } }),
    [
      'network.cniChartVersion: not an exact version, got "v3.31.x", allowed as in 1.19.1; try a release of calico\'s chart',
    ],
  ],
  [
    "a CNI that there is not",
    haCluster({ network: { cni: "weave" as Cni, cniChartVersion: "1.0.0" } }),
    ['network.cni: not one of the values, got "weave", allowed cilium, flannel, calico, none'],
  ],
  [
    "several sites and no encryption",
    haCluster({
      hosts: [...servers(3), { ...host("far", 9, HostRole.Worker), site: "cloud" }],
      network: { cni: Cni.Flannel, encryption: Encryption.None },
    }),
    ['network.encryption: none, but hosts are on several sites; try "wireguard"'],
  ],
  [
    "several sites with a CNI whose encryption is not ours",
    haCluster({
      hosts: [...servers(3), { ...host("far", 9, HostRole.Worker), site: "cloud" }],
      network: { cni: Cni.Calico, cniChartVersion: "v3.31.2" },
    }),
    ["network.encryption: not done with calico here, allowed cilium, flannel"],
  ],
  [
    "address translation between sites with cilium",
    haCluster({
      hosts: [
        ...servers(3),
        { ...host("far", 9, HostRole.Worker), site: "cloud", publicAddress: "203.0.113.9" },
      ],
    }),
    [
      'hosts[3].publicAddress: cilium reaches nodes at their own address alone; try network.cni "flannel", which crosses address translation',
    ],
  ],
  [
    "servers on several sites",
    haCluster({ hosts: servers(3).map((each, index) => ({ ...each, site: `site-${index % 2}` })) }),
    [
      'hosts[1].site: a server away from the others, which are at site-0, got "site-1"; try all servers at one site: their etcd needs short ways and a private network',
    ],
  ],
  [
    "a host whose key is not known",
    oneHost({ hostKey: "" }),
    [
      "hosts[0].hostKey: missing: any machine could answer in the host's place; try what `ssh-keyscan -t ed25519 HOST` prints behind the name, compared on the machine",
    ],
  ],
  [
    "keys in each other's places, neither shown",
    singleHost({
      access: { privateKey: HOST_KEY },
      hosts: [{ ...host("one", 1), hostKey: PRIVATE_KEY }],
    }),
    [
      "access.privateKey: a public key; try the file without .pub, from a secret of the stack",
      "hosts[0].hostKey: a private key; try the public host key",
    ],
  ],
  [
    "a token where the key belongs, not shown",
    singleHost({ access: { privateKey: "K10abc::server:secret" } }),
    [
      "access.privateKey: not a private key, allowed OpenSSH's format or PEM; try the file without .pub, from a secret of the stack",
    ],
  ],
  [
    "a user, port, site, zone, name and architecture that are none",
    oneHost({
      ...{ name: "One", user: "a b", port: 0, site: "A", zone: "-", architecture: "riscv64" },
    }),
    [
      'hosts[0].name: not a DNS label, got "One", allowed a-z, 0-9 and -, at most 63 characters',
      'hosts[0].architecture: not one of the values, got "riscv64", allowed amd64, arm64',
      "hosts[0].port: out of range, got 0, allowed whole numbers 1 to 65535",
      'hosts[0].site: not a DNS label, got "A", allowed a-z, 0-9 and -',
      'hosts[0].user: not the name of a user, got "a b", allowed a-z, 0-9, - and _, at most 32 characters',
      'hosts[0].zone: not the value of a label, got "-", allowed letters, digits, -, _ and ., at most 63 characters',
    ],
  ],
  [
    "addresses that are none",
    oneHost({ address: "10.0.0.256", publicAddress: "host:22" }),
    [
      'hosts[0].address: not an address, got "10.0.0.256", allowed an IPv4 address or a DNS name, without a port',
      'hosts[0].publicAddress: not an address, got "host:22", allowed an IPv4 address or a DNS name, without a port',
    ],
  ],
  [
    "a label that a kubelet must not set",
    oneHost({ labels: { "node-role.kubernetes.io/worker": "true" } }),
    [
      'hosts[0].labels["node-role.kubernetes.io/worker"]: a label that a kubelet must not set, got "node-role.kubernetes.io/worker", allowed node.kubernetes.io/, kubelet.kubernetes.io/ or a domain of your own',
    ],
  ],
  [
    "snapshots that are none",
    haCluster({ snapshots: { schedule: "hourly", retained: 0 } }),
    [
      'snapshots.schedule: not a cron schedule, got "hourly", allowed five fields, as in 17 */6 * * *',
      "snapshots.retained: out of range, got 0, allowed whole numbers 1 to 10000",
    ],
  ],
];

test.each(cases)("refuses %s", (_, args, faults) => {
  expect(faultsOf(args)).toEqual(faults);
});

test("refuses a name that leaves no room for those of its hosts", () => {
  expect(faultsOf(haCluster(), "a".repeat(41))).toEqual([
    `name: too long, got "${"a".repeat(41)}", allowed 1 to 40 characters`,
  ]);
});

test("allows the next minor release and nothing beyond it, or back", () => {
  const script = (release: string) => `sh -c 'host='\\''a'\\''\nversion='\\''${release}'\\''\n'`;
  const step = (from: string, to: string) =>
    releaseStepFaults(script(from), script(to)).map(renderFault);
  expect(step("v1.35.7+k3s1", "v1.36.3+k3s1")).toEqual([]);
  expect(step("v1.36.2+k3s1", "v1.36.3+k3s1")).toEqual([]);
  expect(step("v1.34.1+k3s1", "v1.36.3+k3s1")).toEqual([
    'release.version: skips minor versions: the control plane runs v1.34.1+k3s1, got "v1.36.3+k3s1", allowed 1.34 or 1.35; try 1.35 first, with nodes and add-ons',
  ]);
  expect(step("v1.36.3+k3s1", "v1.35.7+k3s1")).toEqual([
    'release.version: a control plane does not go back, got "v1.35.7+k3s1", allowed 1.36 or 1.37',
  ]);
});

const roles = fc.constantFrom(...Object.values(HostRole));

test("plans exactly the hosts with servers in front, or refuses their number", () => {
  fc.assert(
    fc.property(fc.array(roles, { maxLength: 12 }), (given) => {
      const hosts = given.map((role, index) => host(`h${index}`, index + 1, role));
      const count = given.filter((role) => role !== HostRole.Worker).length;
      const result = planBareMetalCluster("fabric", haCluster({ hosts }));
      expect(result.ok).toBe([1, 3, 5, 7].includes(count));
      if (!result.ok) return;
      expect(result.plan.hosts.map(({ server }) => server)).toEqual(
        hosts.map((_, index) => index < count),
      );
      expect(result.plan.hosts.filter(({ first }) => first)).toEqual([result.plan.hosts[0]]);
      const names = result.plan.hosts.map(({ name }) => name);
      expect([...names].sort()).toEqual(hosts.map(({ name }) => name).sort());
    }),
  );
});

test("never answers a host's text with an exception", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (a, b, c, d) => {
      const hosts = [{ ...host("one", 1), name: a, address: b, hostKey: c, user: d }];
      expect(Array.isArray(faultsOf(singleHost({ hosts })))).toBe(true);
    }),
  );
});
