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
import {
  planNodeProvisioner,
  type ProvisionerPlan,
} from "../../../components/node-provisioner/plan";
import type { KubeObject } from "../../../lab/kube/objects";
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

test("the report script itself opens a node of a real API server with two writes, then makes no call", async () => {
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
  script = startScript(
    path.join(pretended.root, "files/report.sh"),
    pretended.environment(set, {
      TOKEN_DIR: pretended.root,
      NODE_NAME: name,
      KUBERNETES_SERVICE_HOST: server.hostname,
      KUBERNETES_SERVICE_PORT: server.port,
      KVM_FABRIC_ASSETS_LABEL: given.contract.assetsLabel,
      KVM_FABRIC_STARTUP_TAINT: given.contract.startupTaint,
    }),
  );
  const end = ended(script);
  await eventually("the node is reported", () =>
    Promise.resolve(fs.existsSync(path.join(pretended.work, "reported"))),
  );
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

  killGroup(script, "SIGTERM");
  const { stdout } = await end;
  expect(stdout).toContain(`node ${name} is labelled`);
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
