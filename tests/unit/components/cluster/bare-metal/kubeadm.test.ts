import {
  type BareMetalClusterArgs,
  Cni,
  Distribution,
} from "../../../../../components/cluster/bare-metal/args";
import {
  joinSecret,
  KUBEADM_SERVER_SECRETS,
  kubeadmServerFiles,
} from "../../../../../components/cluster/bare-metal/kubeadm-config";
import { kubeadmScript } from "../../../../../components/cluster/bare-metal/kubeadm-script";
import { planBareMetalCluster } from "../../../../../components/cluster/bare-metal/plan";
import { prepareScript } from "../../../../../components/cluster/bare-metal/prepare-script";
import {
  drainScript,
  uninstallScript,
} from "../../../../../components/cluster/bare-metal/removal-scripts";
import { planBareMetalKvmNodePool } from "../../../../../components/kvm-node-pool/bare-metal-plan";
import { releaseStepFaults } from "../../../../../components/cluster/bare-metal/upgrade";
import { shellcheck } from "../../../../support/shellcheck";
import { haCluster, host, HOST_KEY, KUBE_VIP, SUM } from "./hosts";

const sums = { amd64: SUM };
const release = { version: "v1.36.3", sha256: sums, kubectlSha256: sums, kubeletSha256: sums };
const cniManifest = { url: "https://example.com/cni.yml", sha256: SUM };

function args(changes: Partial<BareMetalClusterArgs> = {}): BareMetalClusterArgs {
  return haCluster({
    ...{ distribution: Distribution.Kubeadm, api: { address: "10.0.0.100" } },
    ...{ network: { cniManifest }, release },
    ...changes,
  });
}

function planOf(changes: Partial<BareMetalClusterArgs> = {}) {
  const planned = planBareMetalCluster("fabric", args(changes));
  if (!planned.ok) throw new Error(JSON.stringify(planned.faults));
  return planned.plan;
}

function paths(changes: Partial<BareMetalClusterArgs>): string[] {
  const planned = planBareMetalCluster("fabric", args(changes));
  return planned.ok ? [] : planned.faults.map(({ path }) => path);
}

const wrong: [string, Partial<BareMetalClusterArgs>, string[]][] = [
  ["a release of k3s", { release: { ...release, version: "v1.36.3+k3s1" } }, ["release.version"]],
  ["a release before 1.34", { release: { ...release, version: "v1.33.1" } }, ["release.version"]],
  [
    "programs without sums",
    { release: { version: "v1.36.3", sha256: sums } },
    ["release.kubectlSha256.amd64", "release.kubeletSha256.amd64"],
  ],
  ["no objects of a CNI", { network: {} }, ["network.cniManifest"]],
  ["a chart", { network: { cniManifest, cniChartVersion: "1.19.1" } }, ["network.cniChartVersion"]],
  [
    "a manifest beside a CNI of the caller's",
    { network: { cni: Cni.None, cniManifest } },
    ["network.cniManifest"],
  ],
  [
    "a manifest in plain text",
    { network: { cniManifest: { url: "http://example.com/cni.yml", sha256: "x" } } },
    ["network.cniManifest.url", "network.cniManifest.sha256"],
  ],
  ["kube-vip", { api: { address: "10.0.0.100", kubeVipImage: KUBE_VIP } }, ["api.kubeVipImage"]],
  ["another schedule", { snapshots: { schedule: "0 * * * *" } }, ["snapshots.schedule"]],
  [
    "several sites",
    { hosts: [host("one", 1), { ...host("two", 2), site: "b", role: "worker" }] },
    ["hosts"],
  ],
];

test.each(wrong)("kubeadm: %s is refused where it was written", (_, changes, expected) => {
  expect(paths(changes)).toEqual(expected);
});

test("what only kubeadm takes is refused with k3s", () => {
  const planned = planBareMetalCluster(
    "fabric",
    haCluster({ network: { cniChartVersion: "1.19.1", cniManifest } }),
  );
  expect(planned).toMatchObject({ ok: false, faults: [{ path: "network.cniManifest" }] });
});

const addresses = {
  ...{ api: "10.0.0.100", first: "10.0.0.1", own: "10.0.0.1", public: "10.0.0.1" },
  servers: ["10.0.0.1", "10.0.0.2"],
};

function serverFiles() {
  const plan = planOf();
  return kubeadmServerFiles(plan, plan.hosts[0]!, addresses, "PEM\n");
}

test("a server's configuration is hardened, and holds nothing secret", () => {
  const text = serverFiles().find(({ path }) => path.endsWith("cluster.yaml"))!.content;
  const [init, cluster, kubelet] = text.split("---\n").map((part) => JSON.parse(part));
  expect(init.nodeRegistration.taints).toMatchObject([{ effect: "NoSchedule" }]);
  expect(cluster.controlPlaneEndpoint).toBe("10.0.0.100:6443");
  expect(cluster.apiServer.certSANs).toEqual(["10.0.0.100", "10.0.0.1", "10.0.0.2"]);
  const api = Object.fromEntries(
    cluster.apiServer.extraArgs.map(({ name, value }: any) => [name, value]),
  );
  expect(api).toMatchObject({
    "enable-admission-plugins": "NodeRestriction,EventRateLimit",
    "encryption-provider-config": "/etc/kubernetes/kvm-fabric/encryption.json",
    "authentication-config": "/etc/kubernetes/kvm-fabric/authentication.json",
    profiling: "false",
  });
  expect(api).not.toHaveProperty("anonymous-auth");
  expect(kubelet).toMatchObject({ protectKernelDefaults: true, tlsMinVersion: "VersionTLS12" });
  const secret = KUBEADM_SERVER_SECRETS.map(({ path }) => path);
  expect(serverFiles().filter(({ path }) => secret.includes(path))).toEqual([]);
});

test("a pool runs the cluster's distribution", () => {
  const cluster = { agentToken: "", apiAddress: "10.0.0.100", cni: "", encryption: "" };
  const server = { serverAddress: "", serverHostKey: "", serverPort: 22, serverUser: "root" };
  const { access } = args();
  const planned = planBareMetalKvmNodePool("metal", {
    ...{ access, release, hosts: [{ name: "m", address: "10.0.0.9", hostKey: HOST_KEY }] },
    cluster: { ...cluster, ...server, access, kubernetesVersion: "v1.36.3+k3s1" },
  });
  expect(planned).toMatchObject({ ok: false, faults: [{ path: "release.version" }] });
});

test("the join token authenticates nodes that join, and nothing else", () => {
  expect(JSON.parse(joinSecret("abcdef.0123456789abcdef"))).toMatchObject({
    metadata: { name: "bootstrap-token-abcdef" },
    stringData: { "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true" },
  });
});

function serverScript(version = "v1.36.3"): string {
  const plan = planOf();
  return kubeadmScript({
    ...{ host: "one", server: true, first: true, version, readyNode: true, snapshotsRetained: 28 },
    binaries: plan.release.binaries.amd64,
    files: serverFiles(),
    secrets: KUBEADM_SERVER_SECRETS,
    others: ["10.0.0.2"],
    manifest: plan.network.manifest,
  });
}

test("a preview sees a step over a minor version of kubeadm's too", () => {
  expect(releaseStepFaults(serverScript("v1.34.1"), serverScript("v1.36.3"))).toHaveLength(1);
  expect(releaseStepFaults(serverScript("v1.35.1"), serverScript("v1.36.3"))).toEqual([]);
});

const scripts: [string, string][] = [
  ["server", serverScript()],
  [
    "prepare",
    prepareScript({
      ...{ name: "one", machine: "x86_64", minimumDiskGib: 1, modules: ["overlay"] },
      distribution: Distribution.Kubeadm,
    }),
  ],
  ["uninstall", uninstallScript("one", "kubelet")],
  ["drain", drainScript("one", "two", Distribution.Kubeadm)],
];

test.each(scripts)("shellcheck finds nothing in the %s script", async (_, script) => {
  expect(await shellcheck(script)).toBe("");
});
