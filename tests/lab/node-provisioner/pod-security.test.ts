import { planNamespaces } from "../../../components/namespaces/plan";
import { daemonSetSpec } from "../../../components/node-provisioner/manifests";
import { withLab } from "../../support/lab";
import { examplePlan, refusal } from "./stage";

const lab = withLab();

/** What the provisioner's pod does against the restricted level, and why it must. */
const recorded: Record<string, string> = {
  "restricted volume types":
    'volume "host": the files must outlive the pod and be seen by workers, so they lie on the node',
  "runAsNonRoot != true":
    'container "install": the folder on the node is root\'s, and root without capabilities is the least that can write it',
  "runAsUser=0": 'container "install": as above',
};

/** The names of the violations in the message of Pod Security admission. */
function violations(message: string): string[] {
  const [, list = ""] = /violates PodSecurity "[^"]+": (.*)$/.exec(message) ?? [];
  return list
    .split(/\), /)
    .map((part) => part.replace(/ \(.*$/s, ""))
    .sort();
}

async function admission(level: "agents" | "services", spec: object) {
  const answer = planNamespaces("pods", {});
  if (!answer.ok) throw new Error("the plan has faults");
  const namespace = await lab.namespace(answer.plan[level].podSecurity);
  await lab.client.apply({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "provisioner", namespace },
  });
  return refusal(() =>
    lab.client.create(
      { apiVersion: "v1", kind: "Pod", metadata: { name: "dry", namespace }, spec },
      { dryRun: true },
    ),
  );
}

const podSpec = daemonSetSpec(examplePlan("provisioner")).template.spec;

test("the agents' namespace admits the provisioner's pod", async () => {
  expect(await admission("agents", podSpec)).toBeUndefined();
});

test("against the restricted level it has exactly the recorded violations", async () => {
  const answer = await admission("services", podSpec);
  expect(answer?.status).toBe(403);
  expect(violations(answer?.message ?? "")).toEqual(Object.keys(recorded).sort());
});

test("without those, and nothing else changed, the restricted level admits it", async () => {
  const mended = structuredClone(podSpec) as any;
  mended.volumes = mended.volumes.map((volume: any) =>
    volume.hostPath ? { name: volume.name, emptyDir: {} } : volume,
  );
  Object.assign(mended.containers[0].securityContext, { runAsUser: 65532, runAsNonRoot: true });
  expect(await admission("services", mended)).toBeUndefined();
});
