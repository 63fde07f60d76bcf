import type { ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually, withLab } from "../../support/lab";
import {
  ended,
  fakeNode,
  killGroup,
  startScript,
} from "../../unit/components/node-provisioner/script-run";
import { daemonSetSpec } from "../../../components/node-provisioner/manifests";
import {
  planNodeProvisioner,
  type ProvisionerPlan,
} from "../../../components/node-provisioner/plan";
import { textAt, type KubeObject } from "../../../lab/kube/objects";
import { applyIdentity, examplePlan, kvmNode, podToken, refusal, removeIdentity } from "./stage";

const lab = withLab();
const pretended = fakeNode();
let script: ChildProcess | undefined;
let node: KubeObject | undefined;
let plan: ProvisionerPlan | undefined;

afterAll(async () => {
  if (script) killGroup(script, "SIGKILL");
  pretended.remove();
  if (plan) await removeIdentity(lab.client, plan);
  if (node) await lab.client.remove(node);
});

/** The provisioner's DaemonSet without a pod; once deleted it stays, going, for as long as the test wants. */
function daemonSetOfNoNode(given: ProvisionerPlan, namespace: string): KubeObject {
  const { template, ...spec } = daemonSetSpec(given);
  const nodeSelector = { "example.com/no-node": "true" };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: given.objectName, namespace, finalizers: ["example.com/hold"] },
    spec: { ...spec, template: { ...template, spec: { ...template.spec, nodeSelector } } },
  };
}

test("the report script itself opens a node of a real API server with two writes, makes no call, and takes its label off when its DaemonSet goes", async () => {
  const namespace = await lab.namespace({ "pod-security.kubernetes.io/enforce": "privileged" });
  const kernel = pretended.publish("vmlinux", "kernel");
  const set = { amd64: { kernel }, arm64: { kernel } };
  await pretended.install(set);
  const answer = planNodeProvisioner(namespace, { assets: set, image: examplePlan("x").image });
  if (!answer.ok) throw new Error(JSON.stringify(answer.faults));
  const given = (plan = answer.plan);
  const name = lab.unique("report");
  node = await lab.client.create(kvmNode(name, given, { finalizers: [] }));
  await applyIdentity(lab.client, given, namespace);
  const { pod, token } = await podToken(lab.client, given, namespace, name);

  // The real curl, with every call written down.
  const curl = process.env.PATH?.split(":")
    .map((folder) => path.join(folder, "curl"))
    .find((file) => fs.existsSync(file));
  const calls = path.join(pretended.root, "calls");
  fs.writeFileSync(
    path.join(pretended.root, "bin/curl"),
    `#!/bin/sh\necho "$*" >>"${calls}"\nexec ${curl ?? "curl"} "$@"\n`,
  );
  fs.writeFileSync(path.join(pretended.root, "token"), token);
  fs.writeFileSync(path.join(pretended.root, "ca.crt"), lab.client.config.ca ?? "");
  const server = new URL(lab.client.config.server);
  const environment = pretended.environment(set, {
    TOKEN_DIR: pretended.root,
    NAMESPACE: namespace,
    NODE_NAME: name,
    KUBERNETES_SERVICE_HOST: server.hostname,
    KUBERNETES_SERVICE_PORT: server.port,
    KVM_FABRIC_ASSETS_LABEL: given.contract.assetsLabel,
    KVM_FABRIC_DAEMON_SET: given.objectName,
    KVM_FABRIC_STARTUP_TAINT: given.contract.startupTaint,
  });
  const reported = path.join(pretended.work, "reported");
  const run = async () => {
    fs.rmSync(reported, { force: true });
    const child = (script = startScript(path.join(pretended.root, "files/report.sh"), environment));
    const end = ended(child);
    await eventually("the node is reported", () => Promise.resolve(fs.existsSync(reported)));
    return async () => {
      child.kill("SIGTERM");
      return end;
    };
  };
  const daemonSet = await lab.client.create(daemonSetOfNoNode(given, namespace));
  const leave = await run();
  const seen: any = await lab.client.get(node);
  expect(seen.metadata.labels[given.contract.assetsLabel]).toBe(given.assetSet);
  expect(seen.metadata.labels["example.com/team"]).toBe("blue");
  const ours: any = kvmNode(name, given);
  const left = ours.spec.taints.filter(
    ({ key, effect }: any) => key !== given.contract.startupTaint || effect !== "NoSchedule",
  );
  expect(seen.spec.taints.filter(({ key }: any) => !key.startsWith("node.kubernetes.io/"))).toEqual(
    left,
  );

  await sleep(3000);
  const made = fs.readFileSync(calls, "utf8").trim().split("\n");
  // The policy or the role may reach the API server a moment after the script's first try.
  expect(
    made.filter((call) => call.includes("--request PATCH") && call.includes("merge-patch")).length,
  ).toBeGreaterThan(0);
  expect(made.filter((call) => call.includes("json-patch"))).toHaveLength(1);
  expect(made.at(-1)).toContain("json-patch");
  expect(made.join("\n")).not.toContain(token);

  const label = async () =>
    textAt(await lab.client.get(seen), "metadata", "labels", given.contract.assetsLabel);
  const first = await leave();
  expect(first.stdout).toContain(`node ${name} is labelled`);
  expect(first.stdout).toContain("the provisioner stays, and so does the label");
  expect(await label()).toBe(given.assetSet);

  const leaveForGood = await run();
  await lab.client.remove(daemonSet, { propagation: "Foreground" });
  const second = await leaveForGood();
  expect(second.stdout).toContain(`node ${name} no longer has its label`);
  expect(await label()).toBeUndefined();
  expect((await lab.client.get(seen)).metadata.labels).toMatchObject({
    "example.com/team": "blue",
  });
  await lab.client.patch(daemonSet, { metadata: { finalizers: null } });
  await refusal(() =>
    lab.client.request(
      "DELETE",
      `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name ?? ""}`,
      {
        query: { gracePeriodSeconds: 0 },
      },
    ),
  );
});
