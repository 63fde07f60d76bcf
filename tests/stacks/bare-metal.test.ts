import * as path from "node:path";
import { type Deployment, find, tree } from "../support/deploy";
import { generatedOutputs } from "../support/generated";
import { stackRuns } from "../support/stack-runs";
import {
  elsewhere,
  faultsOf,
  golden,
  stopTheClock,
  strayNames,
  topResources,
} from "../support/stack-settings";
import { PRIVATE_KEY } from "../unit/components/cluster/bare-metal/hosts";

const FILE = "tests/stacks/settings/Pulumi.bare-metal.yaml";
const COMMAND = "command:remote:Command";

stopTheClock();

const outputsOf = (type: string, name: string) => ({
  ...(type === COMMAND && { stdout: name.endsWith("-kubeconfig") ? "Q0E=\nQ0VSVA==\nS0VZ" : "" }),
  ...generatedOutputs(type),
});

const run = stackRuns(FILE, { outputsOf, secrets: { "kvm-fabric:sshPrivateKey": PRIVATE_KEY } });

let whole: Deployment;
beforeAll(async () => {
  whole = await run();
});

test("the stack is exactly the golden tree, and no less is shown by a preview", async () => {
  const known = tree(whole);
  expect(known).toEqual(golden(path.join(__dirname, "bare-metal.golden.txt"), known));
  expect(tree(await run(undefined, true))).toEqual(known);
});

test("nothing is an orphan, and every name begins with its parent's", () => {
  expect(topResources(whole)).toEqual(["cluster"]);
  expect(strayNames(whole)).toEqual([]);
});

test("the fabric goes into the cluster that the stack made, its data onto the machines' disks", () => {
  const inside = find(whole, "pulumi:providers:kubernetes", "cluster");
  expect(inside.inputs.clusterIdentifier).toBe("bare-metal/fabric-prod");
  expect(elsewhere(whole, "kubernetes:", inside)).toEqual([]);
  const servers = find(whole, "kubernetes:apps/v1:StatefulSet", "fabric-consul");
  const [claim] = servers.inputs.spec.volumeClaimTemplates;
  expect(claim.spec.storageClassName).toBe("local-path");
});

test("a stack of kubeadm makes its authorities, and says its own storage class", async () => {
  const kubeadm = await run(withKubeadm);
  const made = tree(kubeadm).filter((line) => line.includes("fabric-prod-ca"));
  expect(made).toHaveLength(2);
  expect(tree(await run(withKubeadm, true))).toEqual(tree(kubeadm));
  const servers = find(kubeadm, "kubernetes:apps/v1:StatefulSet", "fabric-consul");
  expect(servers.inputs.spec.volumeClaimTemplates[0].spec.storageClassName).toBe("own-disks");
});

function withKubeadm(fabric: any): void {
  const { cluster } = fabric.bareMetal;
  const sums = cluster.release.sha256;
  cluster.distribution = "kubeadm";
  cluster.release = { version: "v1.36.3", sha256: sums, kubectlSha256: sums, kubeletSha256: sums };
  delete cluster.api.kubeVipImage;
  cluster.network = { cniManifest: { url: "https://web/cni.yml", sha256: sums.amd64 } };
  fabric.consul.storageClass = "own-disks";
}

test("says what is wrong where the user wrote it, all at once", () => {
  const faults = faultsOf(
    FILE,
    (fabric) => {
      fabric.bareMetal.cluster.release.version = "v1.36";
      fabric.bareMetal.cluster.hosts.pop();
      fabric.bareMetal.pools.metal.hosts[0].address = "192.168.10.11";
      fabric.bareMetal.pools.metal.hosts[1].provider = "hetzner-cloud";
    },
    PRIVATE_KEY,
  );
  const paths = faults.map((fault) => fault.split(": ")[0]);
  const root = "kvm-fabric:fabric.bareMetal";
  expect(paths).toEqual(
    expect.arrayContaining([
      `${root}.cluster.release.version`,
      `${root}.cluster.hosts`,
      `${root}.pools.metal.hosts[0].address`,
      `${root}.pools.metal.hosts[1].provider`,
    ]),
  );
});

test("more Consul servers than hosts that run pods are refused: they would wait for ever", () => {
  const without = (change: (fabric: any) => void) => faultsOf(FILE, change, PRIVATE_KEY);
  const [fault, ...others] = without((fabric) => delete fabric.consul.servers);
  expect(fault).toMatch(/^kvm-fabric:fabric\.consul\.servers: more than the 3 hosts that run pods/);
  expect(others).toEqual([]);
  expect(without((fabric) => (fabric.bareMetal.cluster.hosts[0].role = "control-plane"))).toEqual([
    expect.stringContaining("more than the 2 hosts"),
  ]);
  expect(without(() => undefined)).toEqual([]);
});

test("a missing key, or one that is none, is named with the command that sets it, and never shown", () => {
  const fix = "`pulumi config set --secret kvm-fabric:sshPrivateKey < ~/.ssh/id_ed25519`";
  const unchanged = () => undefined;
  expect(faultsOf(FILE, unchanged)).toEqual([expect.stringMatching(/^kvm-fabric:sshPrivateKey: /)]);
  expect(faultsOf(FILE, unchanged)[0]).toContain(fix);
  const wrong = faultsOf(FILE, unchanged, "hunter2").join("\n");
  expect(wrong).toContain("not a private key");
  expect(wrong).not.toContain("hunter2");
});

test("a missing bareMetal, and a key that no target uses, are refused", () => {
  expect(faultsOf(FILE, (fabric) => delete fabric.bareMetal, PRIVATE_KEY).join("\n")).toMatch(
    /fabric\.bareMetal: missing/,
  );
  const gcp = "tests/stacks/settings/Pulumi.gcp.yaml";
  expect(faultsOf(gcp, () => undefined, PRIVATE_KEY).join("\n")).toContain(
    "a key that nobody uses",
  );
});
