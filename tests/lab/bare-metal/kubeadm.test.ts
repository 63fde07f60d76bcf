import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Distribution, HostRole } from "../../../components/cluster/bare-metal/args";
import {
  encryptionConfig,
  joinSecret,
  KUBEADM_SERVER_SECRETS,
  KUBEADM_WORKER_SECRETS,
  kubeadmServerFiles,
  kubeadmWorkerFiles,
} from "../../../components/cluster/bare-metal/kubeadm-config";
import { kubeadmScript } from "../../../components/cluster/bare-metal/kubeadm-script";
import { planBareMetalCluster } from "../../../components/cluster/bare-metal/plan";
import { prepareScript } from "../../../components/cluster/bare-metal/prepare-script";
import { remoteCommand } from "../../../components/cluster/bare-metal/quote";
import {
  credentialScript,
  uninstallScript,
} from "../../../components/cluster/bare-metal/removal-scripts";
import {
  type Machine,
  machines,
  runOn,
} from "../../../lab/engine/simulated-cloud/command/machines";
import {
  fakeKubernetes,
  nodePrograms,
} from "../../../lab/engine/simulated-cloud/command/node-programs";
import {
  noRootFilesystem,
  rootFilesystem,
} from "../../../lab/engine/simulated-cloud/command/root-filesystem";
import { labPaths } from "../../../lab/paths";
import { haCluster, host } from "../../unit/components/cluster/bare-metal/hosts";

const [OLD, NEW] = ["v1.35.7", "v1.36.3"] as const;
const CNI = "kind: List\n";
const reason = noRootFilesystem();
const sum = (text: string) => createHash("sha256").update(text).digest("hex");
const addresses = {
  ...{ api: "10.0.0.100", first: "10.0.0.1", own: "10.0.0.1", public: "10.0.0.1" },
  servers: ["10.0.0.1", "10.0.0.2"],
};
const TOKEN = "abcdef.0123456789abcdef";
const pem = (name: string) => Buffer.from(`PEM of ${name}\n`).toString("base64");
const serverInput = [
  ...[TOKEN, joinSecret(TOKEN), encryptionConfig("k".repeat(32))],
  ...KUBEADM_SERVER_SECRETS.slice(3).map(({ path: file }) => pem(file)),
  "",
].join("\n");

// Skipped without root and Debian's tools: the scripts run in a root file system of Debian, never on the host.
(reason === undefined ? describe : describe.skip)(
  `kubeadm on a machine with Debian's own programs${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let root: string;
    let work: string;
    let machine: Machine;

    beforeAll(async () => {
      root = await rootFilesystem(labPaths().cache);
    });

    beforeEach(async () => {
      work = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "kvm-fabric-kubeadm-"));
      machine = machines(work).add("10.0.0.1", root, { files: nodePrograms() });
      for (const version of [OLD, NEW]) {
        for (const name of ["kubeadm", "kubectl", "kubelet"] as const) {
          give(`srv/web/${name}-${version}`, fakeKubernetes(name, version));
        }
      }
      give("srv/web/cni.yml", CNI);
      expect(await prepare()).toMatchObject({ code: 0, stderr: "" });
    });

    afterEach(() => {
      fs.rmSync(work, { recursive: true, force: true });
    });

    const at = (file: string) => path.join(machine.folder, "upper", file);
    const give = (file: string, content: string) => {
      fs.mkdirSync(path.dirname(at(file)), { recursive: true });
      fs.writeFileSync(at(file), content);
    };
    const calls = (pattern: RegExp) => {
      const text = fs.readFileSync(at("srv/calls"), "utf8");
      fs.rmSync(at("srv/calls"));
      return text.split("\n").filter((call) => pattern.test(call));
    };
    const run = (script: string, stdin = "") =>
      runOn(machine, remoteCommand(script, "root"), stdin);
    const prepare = () =>
      run(
        prepareScript({
          ...{ name: "one", machine: os.arch() === "arm64" ? "aarch64" : "x86_64" },
          ...{ minimumDiskGib: 1, modules: ["overlay"], distribution: Distribution.Kubeadm },
        }),
      );

    function installation(
      version: string,
      { first = true, server = true, tlsSans = [] as string[] } = {},
    ) {
      const sums = { amd64: "b".repeat(64) };
      const planned = planBareMetalCluster(
        "fabric",
        haCluster({
          ...{ distribution: Distribution.Kubeadm, api: { address: "10.0.0.100" }, tlsSans },
          hosts: [host("one", 1, server ? HostRole.Both : HostRole.Worker)].concat(
            server ? [] : [host("two", 2)],
          ),
          network: { cniManifest: { url: "https://web/cni.yml", sha256: sum(CNI) } },
          release: { version, sha256: sums, kubectlSha256: sums, kubeletSha256: sums },
        }),
      );
      if (!planned.ok) throw new Error(JSON.stringify(planned.faults));
      const { plan } = planned;
      const own = plan.hosts.find(({ name }) => name === "one")!;
      return kubeadmScript({
        ...{ host: "one", version, server, first, snapshotsRetained: 28, readyNode: true },
        binaries: (["kubeadm", "kubectl", "kubelet"] as const).map((name) => ({
          ...{ name, url: `https://web/${name}-${version}` },
          sha256: sum(fakeKubernetes(name, version)),
        })),
        files: server
          ? kubeadmServerFiles(plan, own, addresses, "PEM\n")
          : kubeadmWorkerFiles(own, addresses, "PEM\n"),
        secrets: server ? KUBEADM_SERVER_SECRETS : KUBEADM_WORKER_SECRETS,
        others: first ? ["10.0.0.100", "10.0.0.2"] : [],
        manifest: first ? plan.network.manifest : undefined,
      });
    }
    const install = (version: string = NEW, how = {}) =>
      run(installation(version, how), serverInput);

    test("the first server begins the cluster from checked programs, and a second run changes nothing", async () => {
      expect((await install()).stderr).toBe("");
      expect(calls(/^kubeadm|apply/)).toEqual([
        "kubeadm init --config /etc/kubernetes/kvm-fabric/cluster.yaml --skip-token-print",
        expect.stringContaining("-f /etc/kubernetes/kvm-fabric/join-secret.json"),
        expect.stringContaining("-f /etc/kubernetes/kvm-fabric/cni.yml.new"),
      ]);
      const again = await install();
      expect(again).toMatchObject({ code: 0, stdout: `one: runs Kubernetes ${NEW}, 0 changes\n` });
      expect(calls(/^kubeadm|https:\/\/web|restart|cni/)).toEqual([]);
      expect((await run(credentialScript(Distribution.Kubeadm))).stdout).toBe(
        "Q0E=\nQ0VSVA==\nS0VZ\n",
      );
    });

    test("further servers and workers join with the whole authority and the token in a file", async () => {
      expect(await install(NEW, { first: false })).toMatchObject({ code: 0, stderr: "" });
      expect(calls(/^kubeadm/)).toEqual([
        "kubeadm join --config /etc/kubernetes/kvm-fabric/join.yaml",
      ]);
      expect((await install(NEW, { first: false, server: false })).stderr).toMatch(
        /^one: a host's role does not change/,
      );
      await run(uninstallScript("one", "kubelet"));
      const worker = installation(NEW, { first: false, server: false });
      expect(await run(worker, `${TOKEN}\n`)).toMatchObject({ code: 0, stderr: "" });
      expect(fs.existsSync(at("etc/kubernetes/pki/ca.key"))).toBe(false);
    });

    test("what was cut off is taken back and begun anew, with its keys", async () => {
      give("srv/kubeadm-killed", "");
      expect((await install()).code).not.toBe(0);
      calls(/./);
      expect(await install()).toMatchObject({ code: 0, stderr: "" });
      expect(calls(/^kubeadm/)).toEqual([
        "kubeadm reset --force",
        "kubeadm init --config /etc/kubernetes/kvm-fabric/cluster.yaml --skip-token-print",
      ]);
    });

    test("upgrades one minor at a time, control plane before kubelet, while the others are ready", async () => {
      await install(OLD);
      give("srv/servers", "two False\n");
      const impatient = installation(NEW).replace(/^wait_seconds=.*$/m, "wait_seconds=0");
      expect((await run(impatient, serverInput)).stderr).toBe(
        "one: not restarted: other servers are not ready: two \n",
      );
      give("srv/servers", "two True\n");
      calls(/./);
      expect(await install(NEW)).toMatchObject({ code: 0 });
      expect(calls(/^kubeadm|output.*kubelet|restart/)).toEqual([
        "kubeadm init phase upload-config kubeadm --config /etc/kubernetes/kvm-fabric/cluster.yaml",
        `kubeadm upgrade apply ${NEW} --yes`,
        expect.stringContaining("kubelet"),
        "systemctl restart kubelet",
      ]);
      expect((await install("v1.38.0")).stderr).toBe(
        "one: runs v1.36: v1.37 comes before v1.38.0\n",
      );
    });

    test("another name of the API server renders the control plane anew", async () => {
      await install();
      calls(/./);
      expect(await install(NEW, { tlsSans: ["api.example.com"] })).toMatchObject({ code: 0 });
      expect(calls(/^kubeadm/).map((call) => call.split(" ").slice(1, 5).join(" "))).toEqual([
        "init phase upload-config all",
        "init phase certs apiserver",
        "init phase control-plane all",
      ]);
    });

    test("a host without containerd is told so, and one that leaves keeps its snapshots alone", async () => {
      fs.rmSync(at("srv/units/containerd.active"));
      fs.rmSync(at("opt/cni/bin/loopback"));
      expect((await prepare()).stderr).toBe(
        "one: lacks the CNI's plugins in /opt/cni/bin\none: does not run containerd\none: cannot become a node\n",
      );
      await install();
      give("var/lib/kvm-fabric/etcd-snapshots/one", "kept");
      expect(await run(uninstallScript("one", "kubelet"))).toMatchObject({ code: 0, stderr: "" });
      expect(await run(uninstallScript("one", "kubelet"))).toMatchObject({ code: 0, stderr: "" });
      const left = await run("ls -d /etc/kubernetes /var/lib/kubelet /usr/local/bin/kube*");
      expect(left.stdout).toBe("");
      expect(fs.readFileSync(at("var/lib/kvm-fabric/etcd-snapshots/one"), "utf8")).toBe("kept");
    });
  },
);
