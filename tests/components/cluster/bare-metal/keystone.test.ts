import * as fs from "node:fs";
import * as path from "node:path";
import { type Deployment, find, reveal, tree } from "../../../support/deploy";
import { runExample } from "../../../support/examples";
import { remember } from "../../../support/remember";
import { repository } from "../../../support/source-files";

const COMMAND = "command:remote:Command";

/** Runs an example with the configuration of its dev stack. */
const run = remember((example: string, preview?: boolean) =>
  runExample(example, {
    outputsOf: (type) => (type === COMMAND ? { stdout: "a\nb\nc" } : { result: "token" }),
    preview,
  }),
);

const steps = (deployment: Deployment, step: string) =>
  deployment.resources
    .filter(({ type, name }) => type === COMMAND && name.endsWith(`-${step}`))
    .map(({ name }) => name)
    .sort();

test.each(["keystone-local", "keystone-hybrid", "keystone-vps"])(
  "%s is at most 60 lines, and the same tree whether anything is known",
  async (example) => {
    const text = fs.readFileSync(path.join(repository, "examples", example, "index.ts"), "utf8");
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
    expect(text).not.toMatch(/from "\./);
    expect(tree(await run(example, true))).toEqual(tree(await run(example)));
  },
);

test("fully local: three hosts with control plane and pods, machines for microVMs beside them", async () => {
  const deployment = await run("keystone-local");
  expect(steps(deployment, "server")).toEqual(
    [1, 2, 3].map((index) => `keystone-node-${index}-server`),
  );
  expect(steps(deployment, "profile")).toEqual([
    "keystone-kvm-metal-1-profile",
    "keystone-kvm-metal-2-profile",
  ]);
  const { inputs } = find(deployment, COMMAND, "keystone-node-1-server");
  expect(inputs.create).not.toContain("control-plane=true:NoSchedule");
  expect(inputs.create).toContain("kube-vip");
});

test("local control plane, cloud workers: one server at home, WireGuard between the sites, snapshots away", async () => {
  const deployment = await run("keystone-hybrid");
  expect(steps(deployment, "server")).toEqual(["keystone-home-1-server"]);
  const { inputs } = find(deployment, COMMAND, "keystone-home-1-server");
  for (const setting of ["wireguard-native", "flannel-external-ip", "etcd-s3-config-secret"]) {
    expect(inputs.create).toContain(setting);
  }
  expect(reveal(inputs.stdin)).toContain("keystone-etcd");
  expect(steps(deployment, "agent")).toEqual([
    "keystone-cloud-1-agent",
    "keystone-cloud-cloud-kvm-1-agent",
    "keystone-cloud-cloud-kvm-2-agent",
  ]);
  const { create } = find(deployment, COMMAND, "keystone-cloud-cloud-kvm-1-agent").inputs;
  expect(create).toContain('"server": "https://198.51.100.7:6443"');
});

test("rented control plane, rented metal: no pods on the servers, workers behind the balancer", async () => {
  const deployment = await run("keystone-vps");
  const { inputs } = find(deployment, COMMAND, "keystone-vps-2-server");
  expect(inputs.create).toContain("node-role.kubernetes.io/control-plane=true:NoSchedule");
  expect(inputs.create).toContain('{\\"enabled\\":true,\\"type\\":\\"wireguard\\"}');
  const { create } = find(deployment, COMMAND, "keystone-metal-metal-1-agent").inputs;
  expect(create).toContain('"server": "https://api.keystone.example.com:6443"');
});
