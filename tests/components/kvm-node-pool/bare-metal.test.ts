import { RandomPassword } from "@pulumi/random";
import type { BareMetalClusterRef } from "../../../components/cluster/bare-metal/cluster-ref";
import { BareMetalKvmNodePool } from "../../../components/kvm-node-pool/bare-metal";
import type { BareMetalKvmNodePoolArgs } from "../../../components/kvm-node-pool/bare-metal-args";
import { planBareMetalKvmNodePool } from "../../../components/kvm-node-pool/bare-metal-plan";
import { renderFault } from "../../../components/shared/faults";
import { deploy, find, redact, reveal, tree } from "../../support/deploy";
import { HOST_KEY, PRIVATE_KEY, SUM } from "../../unit/components/cluster/bare-metal/hosts";
import { assets } from "../../unit/components/kvm-node-pool/least";

const COMMAND = "command:remote:Command";
const access = { privateKey: PRIVATE_KEY };

const cluster: BareMetalClusterRef = {
  access,
  agentToken: "agent-token-value",
  apiAddress: "10.0.0.100",
  cni: "cilium",
  encryption: "none",
  kubernetesVersion: "v1.36.3+k3s1",
  serverAddress: "10.0.0.1",
  serverHostKey: HOST_KEY,
  serverPort: 22,
  serverUser: "root",
};

function pool(changes: Partial<BareMetalKvmNodePoolArgs> = {}): BareMetalKvmNodePoolArgs {
  return {
    access,
    cluster,
    hosts: [
      { name: "metal-1", address: "10.0.0.21", hostKey: HOST_KEY, labels: { rack: "a" } },
      { name: "metal-2", address: "10.0.0.22", hostKey: HOST_KEY, zone: "west" },
    ],
    release: { version: "v1.36.3+k3s1", sha256: { amd64: SUM } },
    ...changes,
  };
}

const up = (args: BareMetalKvmNodePoolArgs, preview = false) =>
  deploy(
    () => {
      new BareMetalKvmNodePool("metal", args);
    },
    { preview },
  );

test("checks, proves, joins and later empties each host, whatever is known", async () => {
  const steps = ["agent", "drain", "host", "profile"];
  const expected = [
    ...["metal-1", "metal-2"].flatMap((host) =>
      steps.map((step) => `${COMMAND} metal-${host}-${step} < metal`),
    ),
    "kvm-fabric:index:BareMetalKvmNodePool metal < stack",
  ];
  expect(tree(await up(pool()))).toEqual(expected);
  const later = await deploy(
    () => {
      const value = (name: string) => new RandomPassword(name, { length: 1 }).result;
      const hosts = pool().hosts.map((host) => ({ ...host, address: value(host.name) }));
      const unknown = { agentToken: value("token"), apiAddress: value("api"), cni: value("cni") };
      new BareMetalKvmNodePool("metal", pool({ hosts, cluster: { ...cluster, ...unknown } }));
    },
    { preview: true },
  );
  expect(tree(later).filter((line) => !line.startsWith("random:"))).toEqual(expected);
});

test("joins a host only after it was proven to have KVM, and drains it before it is cleaned", async () => {
  const deployment = await up(pool());
  const before = (step: string) => find(deployment, COMMAND, `metal-metal-1-${step}`).dependsOn;
  expect(before("profile")).toEqual(["metal-metal-1-host"]);
  expect(before("agent")).toEqual(["metal-metal-1-host", "metal-metal-1-profile"]);
  expect(before("drain")).toEqual(["metal-metal-1-agent"]);
  const { inputs } = find(deployment, COMMAND, "metal-metal-1-profile");
  expect(inputs.create).toContain("verify_kvm");
  const drain = find(deployment, COMMAND, "metal-metal-1-drain").inputs;
  expect(reveal(drain.connection).host).toBe("10.0.0.1");
  expect(drain.delete).toContain("drain");
});

test("a host that brings assets is made ready by the same steps, and its architecture is looked at", async () => {
  const deployment = await up(pool({ profile: { assets } }));
  expect(tree(deployment)).toEqual(tree(await up(pool())));
  const { create } = find(deployment, COMMAND, "metal-metal-1-profile").inputs;
  expect(create).toContain("start_assets assets-");
  const wrong = pool({ profile: { assets: { arm64: assets.amd64 } } });
  const result = planBareMetalKvmNodePool("metal", wrong);
  expect(result.ok ? [] : result.faults.map(renderFault)).toEqual([
    "profile.assets.amd64: missing for machines of the pool, allowed their files",
  ]);
});

test("registers nodes with the contract's labels and taints, the token in standard input", async () => {
  const taints = [{ key: "gpu", value: "yes", effect: "NoExecute" as const }];
  const deployment = await up(pool({ labels: { team: "x" }, taints }));
  const { inputs } = find(deployment, COMMAND, "metal-metal-2-agent");
  const labels = ["kvm-fabric.dev/kvm-enabled=true", "kvm-fabric.dev/pool=metal", "team=x"];
  for (const label of [...labels, "topology.kubernetes.io/zone=west"]) {
    expect(inputs.create).toContain(`"${label}"`);
  }
  expect(inputs.create).toMatch(
    /"kvm-fabric\.dev\/worker=true:NoSchedule",\s+"kvm-fabric\.dev\/not-ready=true:NoSchedule",\s+"gpu=yes:NoExecute"/,
  );
  expect(JSON.stringify(redact(inputs))).not.toContain("agent-token-value");
  expect(reveal(inputs.stdin)).toBe("agent-token-value\n");
});

test.each<[string, Partial<BareMetalKvmNodePoolArgs>, string[]]>([
  ["no host", { hosts: [] }, ["hosts: empty; try one machine or more"]],
  [
    "a cloud without KVM",
    {
      hosts: [
        { ...pool().hosts[0]!, provider: "hcloud" },
        { ...pool().hosts[1]!, provider: "cax21" },
      ],
    },
    [
      'hosts[0].provider: Hetzner Cloud gives no /dev/kvm, got "hcloud"; try a dedicated server (AX, EX) of Hetzner Robot',
      'hosts[1].provider: Hetzner Cloud gives no /dev/kvm, got "cax21"; try a dedicated server (AX, EX) of Hetzner Robot',
    ],
  ],
  [
    "nodes newer than the servers",
    { release: { version: "v1.37.0+k3s1", sha256: { amd64: SUM } } },
    [
      'release.version: newer than the control plane, got "v1.37.0+k3s1", allowed at most 1.36; try to upgrade the control plane first, then the nodes, one minor version each time',
    ],
  ],
  [
    "a label of the contract's, a profile of nothing, all at once",
    {
      labels: { "kvm-fabric.dev/kvm-enabled": "false" },
      profile: { hugepages: { count: -1 } },
    },
    [
      'labels["kvm-fabric.dev/kvm-enabled"]: in the domain of the node contract, got "kvm-fabric.dev/kvm-enabled"; try a domain of your own',
      expect.stringContaining("profile.hugepages.count: "),
    ],
  ],
])("refuses %s", (_, changes, faults) => {
  const result = planBareMetalKvmNodePool("metal", pool(changes));
  expect(result.ok ? [] : result.faults.map(renderFault)).toEqual(faults);
});
