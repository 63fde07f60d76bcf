import { kvmNodeLabels } from "../../../components/shared/kvm-nodes";
import type { KubeClient } from "../../../lab/kube/client";
import { listAt, textAt } from "../../../lab/kube/objects";
import type { ImageArchive } from "../../../lab/node/image/oci";
import { provisionerImage } from "../../../lab/node/images";
import { importImage } from "../../../lab/node/import-image";
import { type RunningNode, startNode } from "../../../lab/node/node";
import { withOwnLab } from "../../support/own-lab";
import { describeOnKvmNode } from "../../support/real-node";
import { eventually } from "../../support/wait";
import { describeReports } from "../node-provisioner/report-suite";
import { applyIdentity, examplePlan, kvmNode, podToken } from "../node-provisioner/stage";
import { type Identity, nodes } from "../node-provisioner/write-cases";
import { describeWrites, untilInForce, writers } from "../node-provisioner/write-suite";
import { processesOf } from "./containers";
import { byDigest, podsOf } from "./pods";
import { DOMAIN } from "./provisioner-stand";

/** The attacker's node, and one that is proven; the cases' other two are simulated. */
const REAL = [nodes.a, nodes.c];

describeOnKvmNode("hostile writes with the tokens of pods that really run", () => {
  const lab = withOwnLab();
  const { kubectl } = podsOf(lab);
  const namespace = "agents";
  const plan = examplePlan("provisioner", DOMAIN);
  const { contract } = plan;
  const running: RunningNode[] = [];
  let image: ImageArchive;
  let clients: Partial<Record<Identity, KubeClient>> = {};
  const as = (identity: Identity) => clients[identity]!;

  beforeAll(async () => {
    const { metadata, spec }: any = kvmNode("", plan);
    const taints = spec.taints.map((taint: object) => ({ value: "", ...taint }));
    const joins = { domain: DOMAIN, taints };
    const labels = { "example.com/team": metadata.labels["example.com/team"] };
    image = await provisionerImage();
    running.push(
      ...(await Promise.all(REAL.map((name) => startNode(lab.state, { ...joins, name, labels })))),
    );
    for (const name of REAL) {
      await importImage(lab.state, name, image);
      const { annotations, finalizers } = kvmNode(name, plan).metadata;
      const own = { "example.com/note": annotations?.["example.com/note"] };
      const change = { metadata: { annotations: own, finalizers } };
      await lab.client.patch({ apiVersion: "v1", kind: "Node", name }, change);
    }
    await lab.client.create(kvmNode(nodes.b, plan));
    const unpromised = { labels: { [contract.capabilityLabel]: "false" } };
    await lab.client.create(kvmNode(nodes.d, plan, unpromised));
    const enforce = { "pod-security.kubernetes.io/enforce": "privileged" };
    const place = { name: namespace, labels: enforce };
    await lab.client.create({ apiVersion: "v1", kind: "Namespace", metadata: place });
    await applyIdentity(lab.client, plan, namespace);
    const files = { name: plan.filesName, namespace };
    await lab.client.create({
      ...{ apiVersion: "v1", kind: "ConfigMap", metadata: files, data: plan.files },
    });
    const stage = { lab, plan: { ...plan, image: byDigest(image) }, namespace };
    clients = await writers(stage, tokenOf);
    const proven = { metadata: { labels: { [contract.assetsLabel]: plan.assetSet } } };
    await lab.client.patch({ apiVersion: "v1", kind: "Node", name: nodes.c }, proven);
    await untilInForce(as);
  });
  afterAll(() => {
    for (const client of Object.values(clients)) client.close();
  });

  test("they are the tokens of containers on real nodes", async () => {
    for (const name of REAL) {
      const node = await lab.client.get({ apiVersion: "v1", kind: "Node", name });
      expect(textAt(node, "status", "nodeInfo", "containerRuntimeVersion")).toMatch(/^containerd:/);
      expect(node.metadata.labels).toMatchObject(kvmNodeLabels(contract, "real"));
    }
    const review: any = await lab.client.create({
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenReview",
      metadata: {},
      spec: { token: as("own pod").config.token },
    });
    expect(review.status.user).toMatchObject({
      username: `system:serviceaccount:${namespace}:${plan.objectName}`,
      extra: { "authentication.kubernetes.io/node-name": [nodes.a] },
    });
  });

  describeWrites({ lab, plan, namespace, as });
  const pod = () => as("own pod");
  describeReports({ lab, plan, namespace, own: nodes.a, other: nodes.b, pod });

  /** The token that the kubelet gave a provisioner's pod; of a simulated node's pod, the one that it would give. */
  async function tokenOf(node: string): Promise<string> {
    const stage = { ...plan, image: byDigest(image) };
    const { pod, token } = await podToken(lab.client, stage, namespace, node);
    const real = running.find(({ name }) => name === node);
    if (!real) return token;
    const { name = "" } = pod.metadata;
    await eventually(`${name} runs`, async () => {
      const now = await lab.client.get(pod);
      const states = listAt(now, "status", "containerStatuses");
      return (
        states.length > 0 && states.every((state) => textAt(state, "state", "running", "startedAt"))
      );
    });
    const file = "cat $TOKEN_DIR/token";
    const read = await kubectl(
      "exec",
      "-n",
      namespace,
      name,
      "-c",
      "report",
      "--",
      "sh",
      "-c",
      file,
    );
    // What it has to say itself would come between the cases.
    for (const pid of processesOf(real.cgroup)) process.kill(pid, "SIGSTOP");
    return read;
  }
});
