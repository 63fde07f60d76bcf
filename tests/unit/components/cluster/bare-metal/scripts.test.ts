import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { addOnFiles, s3Secret } from "../../../../../components/cluster/bare-metal/addons";
import { Cni, Encryption } from "../../../../../components/cluster/bare-metal/args";
import { hardeningFiles } from "../../../../../components/cluster/bare-metal/hardening";
import { agentConfig, serverConfig } from "../../../../../components/cluster/bare-metal/k3s-config";
import { k3sScript } from "../../../../../components/cluster/bare-metal/k3s-script";
import { adminKubeconfig } from "../../../../../components/cluster/bare-metal/kubeconfig";
import {
  type BareMetalClusterPlan,
  planBareMetalCluster,
} from "../../../../../components/cluster/bare-metal/plan";
import { prepareScript } from "../../../../../components/cluster/bare-metal/prepare-script";
import { quote, remoteCommand } from "../../../../../components/cluster/bare-metal/quote";
import {
  credentialScript,
  drainScript,
  uninstallScript,
} from "../../../../../components/cluster/bare-metal/removal-scripts";
import { shellcheck } from "../../../../support/shellcheck";
import { haCluster } from "./hosts";

const TLS =
  "tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305";
const addresses = {
  api: "10.0.0.100",
  first: "10.0.0.1",
  own: "10.0.0.2",
  public: "10.0.0.2",
  servers: ["10.0.0.1", "10.0.0.2", "10.0.0.3"],
};

function planOf(changes: Parameters<typeof haCluster>[0] = {}): BareMetalClusterPlan {
  const result = planBareMetalCluster("fabric", haCluster(changes));
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.plan;
}

const parsed = (text: string): any => JSON.parse(text);
const configOf = (plan: BareMetalClusterPlan, index: number) =>
  parsed(serverConfig(plan, plan.hosts[index]!, addresses));

describe("a server's configuration", () => {
  test("is the hardening guide's, and every setting that has to be there from the beginning", () => {
    expect(configOf(planOf(), 1)).toEqual({
      server: "https://10.0.0.1:6443",
      "token-file": "/etc/rancher/k3s/server-token",
      "agent-token-file": "/etc/rancher/k3s/agent-token",
      "node-name": "two",
      "node-ip": "10.0.0.2",
      "node-label": [],
      "node-taint": ["node-role.kubernetes.io/control-plane=true:NoSchedule"],
      "protect-kernel-defaults": true,
      "kubelet-arg": [
        "anonymous-auth=false",
        "streaming-connection-idle-timeout=5m",
        TLS,
        "tls-min-version=VersionTLS12",
      ],
      "tls-san": ["10.0.0.100", "10.0.0.1", "10.0.0.2", "10.0.0.3"],
      "write-kubeconfig-mode": "0600",
      "secrets-encryption": true,
      "kube-apiserver-arg": [
        "anonymous-auth=false",
        "enable-admission-plugins=NodeRestriction,EventRateLimit",
        "admission-control-config-file=/var/lib/rancher/k3s/server/kvm-fabric-admission.json",
        "audit-policy-file=/var/lib/rancher/k3s/server/kvm-fabric-audit-policy.json",
        "audit-log-path=/var/lib/rancher/k3s/server/logs/audit.log",
        "audit-log-maxage=30",
        "audit-log-maxbackup=10",
        "audit-log-maxsize=100",
        "service-account-extend-token-expiration=false",
        TLS,
        "tls-min-version=VersionTLS12",
      ],
      "kube-controller-manager-arg": ["terminated-pod-gc-threshold=100"],
      "cluster-cidr": "10.42.0.0/16",
      "service-cidr": "10.43.0.0/16",
      "cluster-domain": "cluster.local",
      "egress-selector-mode": "agent",
      "flannel-backend": "none",
      "disable-network-policy": true,
      disable: ["traefik", "servicelb"],
      "etcd-snapshot-schedule-cron": "17 0,6,12,18 * * *",
      "etcd-snapshot-retention": 28,
      "etcd-snapshot-compress": true,
      "etcd-snapshot-dir": "/var/lib/kvm-fabric/etcd-snapshots",
    });
  });

  test("begins the cluster on the first server alone", () => {
    expect(configOf(planOf(), 0)).toMatchObject({ "cluster-init": true });
    expect(configOf(planOf(), 0)).not.toHaveProperty("server");
    expect(configOf(planOf(), 1)).not.toHaveProperty("cluster-init");
  });

  test("runs one CNI: flannel's backend is off beside any other", () => {
    const networkOf = (network: object) => {
      const config = configOf(planOf({ network }), 0);
      return [config["flannel-backend"], config["disable-network-policy"]];
    };
    expect(networkOf({ cniChartVersion: "1.19.1" })).toEqual(["none", true]);
    expect(networkOf({ cni: Cni.Calico, cniChartVersion: "v3.31.2" })).toEqual(["none", true]);
    expect(networkOf({ cni: Cni.None })).toEqual(["none", true]);
    expect(networkOf({ cni: Cni.Flannel })).toEqual(["vxlan", undefined]);
    const encrypted = { cni: Cni.Flannel, encryption: Encryption.WireGuard };
    expect(networkOf(encrypted)).toEqual(["wireguard-native", undefined]);
  });

  test("crosses sites through WireGuard and the tunnels of agents", () => {
    const hosts = haCluster().hosts.map((host, index) =>
      index < 3 ? host : { ...host, site: "cloud", publicAddress: "203.0.113.4" },
    );
    const plan = planOf({ hosts, network: { cni: Cni.Flannel } });
    expect(configOf(plan, 0)).toMatchObject({
      "flannel-backend": "wireguard-native",
      "flannel-external-ip": true,
      "egress-selector-mode": "cluster",
    });
    expect(plan.modules).toEqual(["overlay", "br_netfilter", "wireguard"]);
    const far = { ...addresses, own: "172.31.0.4", public: "203.0.113.4" };
    expect(parsed(agentConfig(plan.hosts[3]!, far))).toMatchObject({
      "node-ip": "172.31.0.4",
      "node-external-ip": "203.0.113.4",
    });
  });

  test("reads the snapshots' bucket from a Secret, never from a setting", () => {
    const s3 = { accessKey: "AK", bucket: "b", endpoint: "s3.example.com", secretKey: "SK" };
    const text = serverConfig(planOf({ snapshots: { s3 } }), planOf().hosts[0]!, addresses);
    expect(parsed(text)).toMatchObject({
      "etcd-s3": true,
      "etcd-s3-config-secret": "kvm-fabric-etcd-snapshots",
    });
    expect(text).not.toMatch(/SK|AK|example/);
    expect(parsed(s3Secret({ bucket: "b" }))).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      type: "etcd.k3s.cattle.io/s3-config-secret",
      metadata: { name: "kvm-fabric-etcd-snapshots", namespace: "kube-system" },
      stringData: { "etcd-s3-bucket": "b" },
    });
  });
});

test("an agent knows the API server's address and the agents' token alone", () => {
  const plan = planOf();
  const config = parsed(agentConfig(plan.hosts[3]!, addresses));
  expect(config).toMatchObject({
    server: "https://10.0.0.100:6443",
    "token-file": "/etc/rancher/k3s/agent-token",
    "protect-kernel-defaults": true,
  });
  const foreign = ["agent-token-file", "secrets-encryption", "cluster-cidr", "tls-san"];
  expect(Object.keys(config).filter((key) => foreign.includes(key))).toEqual([]);
});

describe("what servers install in the cluster", () => {
  const documents = (plan: BareMetalClusterPlan, name: string) =>
    addOnFiles(plan, "10.0.0.100")
      .filter(({ path: file }) => file.endsWith(`/kvm-fabric-${name}.yaml`))
      .flatMap(({ content }) => content.split("---\n").map(parsed));

  test("Cilium at its exact version, before any other pod", () => {
    const [chart, ...others] = documents(planOf(), "cni");
    expect(others).toEqual([]);
    expect(chart.spec).toMatchObject({ chart: "cilium", version: "1.19.1", bootstrap: true });
    expect(parsed(chart.spec.valuesContent)).toEqual({
      ipam: { mode: "kubernetes" },
      operator: { replicas: 2 },
    });
  });

  test("Cilium with WireGuard, Calico with the pods' range, flannel by no chart", () => {
    const encryption = Encryption.WireGuard;
    const [cilium] = documents(
      planOf({ network: { cniChartVersion: "1.19.1", encryption } }),
      "cni",
    );
    expect(parsed(cilium.spec.valuesContent).encryption).toEqual({
      enabled: true,
      type: "wireguard",
    });
    const network = { cni: Cni.Calico, cniChartVersion: "v3.31.2", podCidr: "10.60.0.0/16" };
    const [calico] = documents(planOf({ network }), "cni");
    expect(calico.spec).toMatchObject({ chart: "tigera-operator", version: "v3.31.2" });
    expect(parsed(calico.spec.valuesContent).installation.calicoNetwork.ipPools).toEqual([
      { cidr: "10.60.0.0/16", encapsulation: "VXLAN" },
    ]);
    expect(documents(planOf({ network: { cni: Cni.Flannel } }), "cni")).toEqual([]);
  });

  test("kube-vip by digest on the servers, with two capabilities and the rights to its lease", () => {
    const objects = documents(planOf(), "kube-vip");
    const daemonSet = objects.find(({ kind }) => kind === "DaemonSet");
    const { containers, nodeSelector } = daemonSet.spec.template.spec;
    expect(nodeSelector).toEqual({ "node-role.kubernetes.io/control-plane": "true" });
    expect(containers[0].image).toMatch(/@sha256:c{64}$/);
    expect(containers[0].env).toContainEqual({ name: "address", value: "10.0.0.100" });
    expect(containers[0].securityContext.capabilities).toEqual({
      drop: ["ALL"],
      add: ["NET_ADMIN", "NET_RAW"],
    });
    const rules = objects.flatMap(({ rules: given }) => given ?? []);
    expect(rules.flatMap(({ resources }) => resources).sort()).toEqual(["leases", "nodes"]);
    expect(documents(planOf({ api: { address: "api.example.com" } }), "kube-vip")).toEqual([]);
  });

  test("policies that deny what no system pod needs", () => {
    const policies = documents(planOf(), "network-policies");
    expect(policies.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      "default/kvm-fabric-default-deny",
      "kube-public/kvm-fabric-default-deny",
      "kube-node-lease/kvm-fabric-default-deny",
      "kube-system/kvm-fabric-same-namespace",
      "kube-system/kvm-fabric-dns",
      "kube-system/kvm-fabric-metrics",
    ]);
    expect(policies[0].spec).toEqual({ podSelector: {}, policyTypes: ["Ingress"], ingress: [] });
  });

  test("pods are restricted where their namespace says nothing else; Secrets are not logged", () => {
    const [admission, audit] = hardeningFiles(Cni.Cilium).map(({ content }) => parsed(content));
    const { defaults, exemptions } = admission.plugins[0].configuration;
    expect(defaults).toMatchObject({ enforce: "restricted", "enforce-version": "latest" });
    expect(exemptions).toEqual({
      usernames: [],
      runtimeClasses: [],
      namespaces: ["kube-system"],
    });
    expect(admission.plugins.map(({ name }: any) => name)).toEqual([
      "PodSecurity",
      "EventRateLimit",
    ]);
    expect(audit.rules.at(-1)).toEqual({ level: "Metadata" });
    expect(audit.rules.map(({ level }: any) => level)).not.toContain("RequestResponse");
  });
});

test("a kubeconfig reaches the API server's address with what the server printed", () => {
  const text = adminKubeconfig("fabric", "10.0.0.100", "Q0E=\nQ0VSVA==\nS0VZ\n");
  const config = parsed(text);
  expect(config.clusters[0].cluster).toEqual({
    server: "https://10.0.0.100:6443",
    "certificate-authority-data": "Q0E=",
  });
  expect(config.users[0].user).toEqual({
    "client-certificate-data": "Q0VSVA==",
    "client-key-data": "S0VZ",
  });
});

function installScript(changes: Partial<Parameters<typeof k3sScript>[0]> = {}): string {
  return k3sScript({
    host: "one",
    unit: "k3s",
    version: "v1.36.3+k3s1",
    sha256: "b".repeat(64),
    url: "https://example.com/k3s",
    files: [{ path: "/etc/rancher/k3s/config.yaml", mode: "600", content: "{}" }],
    secrets: [{ path: "/etc/rancher/k3s/server-token", mode: "600" }],
    first: true,
    others: ["10.0.0.2"],
    readyNode: true,
    ...changes,
  });
}

const SCRIPTS: [string, string][] = [
  ["server", installScript()],
  ["agent", installScript({ unit: "k3s-agent", first: false, others: [] })],
  [
    "prepare",
    prepareScript({ name: "one", machine: "x86_64", minimumDiskGib: 20, modules: ["overlay"] }),
  ],
  [
    "prepare for KVM",
    prepareScript({ name: "one", machine: "aarch64", minimumDiskGib: 1, modules: [], kvm: true }),
  ],
  ["uninstall", uninstallScript("one", "k3s")],
  ["drain", drainScript("one", "two")],
  ["credential", credentialScript()],
];

test.each(SCRIPTS)("the %s script is POSIX, short enough for a command line", (_, script) => {
  execFileSync("sh", ["-n"], { input: script });
  // Linux takes 128 KiB an argument: MAX_ARG_STRLEN.
  expect(Buffer.byteLength(remoteCommand(script, "admin"))).toBeLessThan(100_000);
});

test.each(SCRIPTS)("shellcheck finds nothing in the %s script", async (_, script) => {
  expect(await shellcheck(script)).toBe("");
});

// Everything but NUL, which no argument can hold.
const hostile = fc.oneof(
  fc.string().map((text) => text.replaceAll("\0", "")),
  fc.constantFrom("$(id)", "`id`", "';id;'", '"; id; "', "\\", "a\nb", "$PATH", "*", "-e", "'\\''"),
);

function shell(script: string): string {
  return execFileSync("sh", ["-c", script], { encoding: "utf8" });
}

test("no value breaks out of its quotes, also not twice quoted", () => {
  fc.assert(
    fc.property(hostile, (value) => {
      const script = `printf '%s' ${quote(value)}`;
      expect(shell(script)).toBe(value);
      expect(shell(remoteCommand(script, "root"))).toBe(value);
    }),
    { numRuns: 60 },
  );
});

test("what a file holds arrives as it is, whatever names and paths are called", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bare-metal-"));
  const file = path.join(folder, "file");
  fc.assert(
    fc.property(hostile, hostile, (host, content) => {
      // What the script keeps on its machine is kept in the folder.
      const whole = installScript({
        host,
        files: [{ path: file, mode: "600", content }],
      }).replaceAll("/var/lib/kvm-fabric", path.join(folder, "state"));
      const begin = whole.slice(0, whole.indexOf("k3s=/usr/local/bin/k3s"));
      const put = whole.slice(
        whole.indexOf(`put 600 ${file}`),
        whole.indexOf("put 644 /etc/systemd"),
      );
      const said = shell(`${begin}${put}say "$changes"`);
      expect(said.endsWith(`${host}: 1\n`)).toBe(true);
      expect(fs.readFileSync(file, "utf8")).toBe(content);
      expect(shell(`${begin}${put}say "$changes"`)).toBe(`${host}: 0\n`);
      fs.rmSync(file);
    }),
    { numRuns: 30 },
  );
  fs.rmSync(folder, { recursive: true });
});
