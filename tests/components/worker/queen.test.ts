import type { QueenRef } from "../../../components/queen/queen-ref";
import type { WorkerDaemonSetArgs } from "../../../components/worker/args";
import { WorkerDaemonSet } from "../../../components/worker/worker-daemon-set";
import * as corev1 from "@pulumi/kubernetes/core/v1";
import { deploy, find, reveal, tree, UNKNOWN } from "../../support/deploy";

const image = `registry.example/worker@sha256:${"a".repeat(64)}`;
const queenProxyImage = `registry.example/ghostunnel@sha256:${"b".repeat(64)}`;
const labels = { "app.kubernetes.io/name": "queen", "app.kubernetes.io/instance": "queen" };
const ref: QueenRef = {
  caCertificate: "PEM",
  clientSecretName: "queen-workers-tls",
  host: "queen.nodes.svc",
  port: 564,
  serverName: "queen.nodes.svc",
  namespace: "nodes",
  podLabels: labels,
  targetPort: 5640,
};
const least: WorkerDaemonSetArgs = { assetSet: "v1", image, namespace: "nodes" };

const run = (queen: QueenRef, preview = false) =>
  deploy(() => void new WorkerDaemonSet("workers", { ...least, queen, queenProxyImage }), {
    preview,
  });
const specOf = (deployment: Awaited<ReturnType<typeof run>>) =>
  reveal(find(deployment, "kubernetes:apps/v1:DaemonSet", "workers").inputs).spec.template.spec;

test("makes her authorities and a policy beside, both before the workers", async () => {
  const deployment = await run(ref);
  expect(tree(deployment)).toEqual([
    "kubernetes:apps/v1:DaemonSet workers < workers",
    "kubernetes:core/v1:ConfigMap workers-queen-ca < workers",
    "kubernetes:core/v1:ServiceAccount workers < workers",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy workers-queen < workers",
    "kubernetes:scheduling.k8s.io/v1:PriorityClass workers < workers",
    "kvm-fabric:index:WorkerDaemonSet workers < stack",
  ]);
  const { dependsOn } = find(deployment, "kubernetes:apps/v1:DaemonSet", "workers");
  expect(dependsOn).toEqual(["workers", "workers", "workers-queen", "workers-queen-ca"]);
  const authority = find(deployment, "kubernetes:core/v1:ConfigMap", "workers-queen-ca").inputs;
  expect(authority.data).toEqual({ "ca.crt": "PEM" });
});

test("a proxy of the pod calls her after the network is closed, and it alone sees the key", async () => {
  const pod = specOf(await run(ref));
  expect(pod.initContainers.map(({ name }: any) => name)).toEqual([
    ...["hold", "verify-host", "network", "queen-proxy"],
  ]);
  const proxy = pod.initContainers[3];
  expect(proxy).toMatchObject({
    image: queenProxyImage,
    restartPolicy: "Always",
    args: [
      "client",
      "--listen=127.0.0.1:5640",
      "--target=queen.nodes.svc:564",
      "--override-server-name=queen.nodes.svc",
      "--cert=/tls/tls.crt",
      "--key=/tls/tls.key",
      "--cacert=/authority/ca.crt",
      "--timed-reload=30s",
      "--shutdown-timeout=5s",
    ],
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 65_532,
    },
  });
  expect(proxy.ports).toBeUndefined();
  const seers = [...pod.initContainers, ...pod.containers]
    .filter(({ volumeMounts }: any) => volumeMounts?.some((one: any) => one.name === "queen-tls"))
    .map(({ name }: any) => name);
  expect(seers).toEqual(["queen-proxy"]);
  const secret = { secretName: "queen-workers-tls", defaultMode: 0o444 };
  expect(pod.volumes).toContainEqual({ name: "queen-tls", secret });
  expect(pod.volumes).toContainEqual({ name: "queen-ca", configMap: { name: "workers-queen-ca" } });
});

test("the worker knows where she is, in its own pod, and what she is called", async () => {
  const { env } = specOf(await run(ref)).containers[0];
  const queen = env.filter(({ name }: any) => name.startsWith("KVM_FABRIC_QUEEN"));
  expect(queen).toEqual([
    { name: "KVM_FABRIC_QUEEN_ADDRESS", value: "127.0.0.1:5640" },
    { name: "KVM_FABRIC_QUEEN_NAME", value: "queen.nodes.svc" },
  ]);
});

test("lets workers out to her pod's port, or to the port of one outside the cluster, and to DNS", async () => {
  const policy = async (queen: QueenRef) => {
    const type = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
    return find(await run(queen), type, "workers-queen").inputs.spec;
  };
  const inside = await policy(ref);
  expect(inside).toMatchObject({
    podSelector: {
      matchLabels: { "app.kubernetes.io/name": "worker", "app.kubernetes.io/instance": "workers" },
    },
    policyTypes: ["Egress"],
  });
  expect(inside.egress[0]).toEqual({
    to: [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "nodes" } },
        podSelector: { matchLabels: labels },
      },
    ],
    ports: [{ port: 5640, protocol: "TCP" }],
  });
  expect(inside.egress[1].ports.map(({ port }: any) => port)).toEqual([53, 53]);
  const { caCertificate, clientSecretName, host, port, serverName } = ref;
  const outside = await policy({ caCertificate, clientSecretName, host, port, serverName });
  expect(outside.egress[0].ports).toEqual([{ port: 564, protocol: "TCP" }]);
  expect(outside.egress[0].to).toContainEqual({
    ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] },
  });
});

test("makes the same tree where nothing of her is known yet", async () => {
  const program = () => {
    const later = (name: string, value: string) =>
      new corev1.ConfigMap(name, { metadata: { name: value } }).metadata.name;
    const queen = {
      ...ref,
      caCertificate: later("a", "PEM"),
      clientSecretName: later("b", "secret"),
      host: later("c", "queen.nodes.svc"),
      namespace: later("d", "nodes"),
      serverName: later("e", "queen.nodes.svc"),
    };
    new WorkerDaemonSet("workers", { ...least, queen, queenProxyImage });
  };
  const [known, unknown] = [await deploy(program), await deploy(program, { preview: true })];
  expect(tree(unknown)).toEqual(tree(known));
  expect(specOf(known).initContainers[3].args[2]).toBe("--target=queen.nodes.svc:564");
  expect(specOf(unknown).initContainers[3].args[2]).toBe(UNKNOWN);
});
