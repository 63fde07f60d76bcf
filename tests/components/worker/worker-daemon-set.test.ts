import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { consulRef } from "../../../components/consul/consul-ref";
import type { WorkerDaemonSetArgs } from "../../../components/worker/args";
import { Isolation, Vmm } from "../../../components/worker/vmm";
import { WorkerDaemonSet } from "../../../components/worker/worker-daemon-set";
import {
  deploy,
  type Deployment,
  find,
  isSecret,
  reveal,
  tree,
  UNKNOWN,
} from "../../support/deploy";

const DAEMON_SET = "kubernetes:apps/v1:DaemonSet";
const image = `registry.example/aetherium-worker@sha256:${"a".repeat(64)}`;
const least: WorkerDaemonSetArgs = { assetSet: "v1", image, namespace: "nodes" };
const consul = {
  address: "https://consul.consul.svc:8501",
  caCertificate: "PEM",
  datacenter: "dc1",
  tokenSecretName: "workers-token",
};

async function podOf(args: Partial<WorkerDaemonSetArgs>, name = "workers") {
  const deployment = await deploy(() => {
    new WorkerDaemonSet(name, { ...least, ...args });
  });
  const { spec } = find(deployment, DAEMON_SET, name).inputs;
  return { pod: spec.template.spec, worker: spec.template.spec.containers[0], spec };
}

const named = (pod: any, name: string) =>
  [...pod.initContainers, ...pod.containers].find((container: any) => container.name === name);

const environment = (container: any): Record<string, any> =>
  Object.fromEntries(container.env.map((v: any) => [v.name, v.value ?? v.valueFrom]));

test("makes exactly its objects, each below it", async () => {
  const deployment = await deploy(() => {
    new WorkerDaemonSet("workers", { ...least, consul, minAvailable: 2 });
  });
  expect(tree(deployment)).toEqual([
    "kubernetes:apps/v1:DaemonSet workers < workers",
    "kubernetes:core/v1:ConfigMap workers-consul-ca < workers",
    "kubernetes:core/v1:ServiceAccount workers < workers",
    "kubernetes:policy/v1:PodDisruptionBudget workers < workers",
    "kubernetes:scheduling.k8s.io/v1:PriorityClass workers < workers",
    "kvm-fabric:index:WorkerDaemonSet workers < stack",
  ]);
  expect(find(deployment, DAEMON_SET, "workers").dependsOn).toEqual([
    "workers",
    "workers",
    "workers-consul-ca",
  ]);
  expect(deployment.outputs.get("workers")).toEqual({
    daemonSetName: "workers",
    namespace: "nodes",
    podLabels: { "app.kubernetes.io/name": "worker", "app.kubernetes.io/instance": "workers" },
    serviceName: "workers",
  });
});

test("makes no priority class, CA or budget that was not asked for", async () => {
  const deployment = await deploy(() => {
    new WorkerDaemonSet("workers", { ...least, priorityClassName: "mine" });
  });
  expect(tree(deployment)).toEqual([
    "kubernetes:apps/v1:DaemonSet workers < workers",
    "kubernetes:core/v1:ServiceAccount workers < workers",
    "kvm-fabric:index:WorkerDaemonSet workers < stack",
  ]);
});

/** A string that a preview does not know: the name of an object that is yet to be made. */
function later(name: string, value: string): pulumi.Output<string> {
  return new corev1.ConfigMap(name, { metadata: { name: value } }).metadata.name;
}

test("makes the same tree where nothing is known yet", async () => {
  const program = () => {
    new WorkerDaemonSet("workers", {
      ...least,
      assetSet: later("a", "v1"),
      isolation: Isolation.Jailer,
      namespace: later("b", "nodes"),
      consul: {
        address: later("c", consul.address),
        caCertificate: later("d", "PEM"),
        datacenter: later("e", "dc1"),
        tokenSecretName: later("f", "workers-token"),
      },
    });
  };
  const known = await deploy(program);
  const unknown = await deploy(program, { preview: true });
  expect(tree(unknown)).toEqual(tree(known));
  expect(tree(known).filter((line) => line.endsWith("< workers"))).toHaveLength(5);
  const pod = (done: Deployment) => find(done, DAEMON_SET, "workers").inputs.spec.template.spec;
  const set = (done: Deployment) =>
    pod(done).initContainers[0].env.find(({ name }: any) => name === "KVM_FABRIC_ASSET_SET").value;
  expect([set(unknown), set(known)]).toEqual([UNKNOWN, "v1"]);
  const folder = (done: Deployment) => pod(done).containers[0].volumeMounts[0].subPath;
  expect([folder(unknown), folder(known)]).toEqual([UNKNOWN, "versions/v1"]);
});

test("two instances side by side share no object", async () => {
  const deployment = await deploy(() => {
    new WorkerDaemonSet("one", { ...least, consul });
    new WorkerDaemonSet("two", { ...least, consul });
  });
  const names = deployment.resources
    .filter(({ custom }) => custom)
    .map(({ type, inputs }) => `${type} ${inputs.metadata.name}`);
  expect(new Set(names).size).toBe(8);
  const selectors = ["one", "two"].map(
    (name) => find(deployment, DAEMON_SET, name).inputs.spec.selector.matchLabels,
  );
  expect(selectors[0]).not.toEqual(selectors[1]);
});

test("goes to proven nodes alone and tolerates their taint alone", async () => {
  const { pod } = await podOf({ domain: "aetherium.io", nodeSelector: { zone: "a" } });
  expect(pod.nodeSelector).toEqual({
    zone: "a",
    "aetherium.io/kvm-enabled": "true",
  });
  const { requiredDuringSchedulingIgnoredDuringExecution: required } = pod.affinity.nodeAffinity;
  expect(required.nodeSelectorTerms).toEqual([
    { matchExpressions: [{ key: "aetherium.io/assets", operator: "Exists" }] },
  ]);
  expect(pod.tolerations).toEqual([
    { key: "aetherium.io/worker", operator: "Equal", value: "true", effect: "NoSchedule" },
  ]);
});

test("tolerates what it is asked to beside", async () => {
  const { pod } = await podOf({ tolerations: [{ key: "virtualization", operator: "Exists" }] });
  expect(pod.tolerations).toHaveLength(2);
  expect(pod.tolerations[1]).toEqual({ key: "virtualization", operator: "Exists" });
});

test("a caller's node selector cannot tie workers to one asset set", async () => {
  const { pod } = await podOf({ nodeSelector: { "kvm-fabric.dev/assets": "other" } });
  expect(pod.nodeSelector).toEqual({ "kvm-fabric.dev/kvm-enabled": "true" });
});

test("forwards packets only where asked, through the pod's own sysctl", async () => {
  expect((await podOf({})).pod.securityContext.sysctls).toBeUndefined();
  expect((await podOf({ ipForwarding: true })).pod.securityContext.sysctls).toEqual([
    { name: "net.ipv4.ip_forward", value: "1" },
  ]);
});

test("registers as the aetherium workers do", async () => {
  const { worker } = await podOf({ consul }, "aetherium-worker");
  const env = environment(worker);
  const registration = JSON.parse(env.CONSUL_SERVICE_REGISTRATION);
  expect(registration).toEqual({
    ID: "aetherium-worker-$(NODE_NAME)",
    Name: "aetherium-worker",
    Tags: ["worker", "firecracker", "kvm"],
    Address: "$(POD_IP)",
    Port: 8081,
    Meta: { node: "$(NODE_NAME)", kvm_enabled: "true" },
    Check: {
      HTTP: "http://$(POD_IP):8081/health",
      Interval: "10s",
      DeregisterCriticalServiceAfter: "10m",
    },
  });
  const names = worker.env.map((v: any) => v.name);
  for (const used of ["NODE_NAME", "POD_IP"]) {
    expect(names.indexOf(used)).toBeLessThan(names.indexOf("CONSUL_SERVICE_ID"));
  }
  expect(env).toMatchObject({
    CONSUL_HTTP_ADDR: consul.address,
    CONSUL_CACERT: "/etc/consul-ca/ca.pem",
    CONSUL_HTTP_TOKEN: { secretKeyRef: { name: "workers-token", key: "token" } },
    CONSUL_SERVICE_TAGS: "worker,firecracker,kvm",
  });
});

test("the worker and its check know all they need, and no more", async () => {
  const { pod, worker } = await podOf({
    consul,
    environment: { LEVEL: "debug" },
    environmentSecrets: [{ name: "DATABASE_URL", secretName: "database", secretKey: "url" }],
  });
  expect(Object.keys(environment(worker))).toEqual([
    "NODE_NAME",
    "POD_IP",
    "POD_NAME",
    "KVM_FABRIC_VMM",
    "KVM_FABRIC_ASSETS",
    "KVM_FABRIC_ASSET_SET",
    "KVM_FABRIC_RUN",
    "KVM_FABRIC_DRAINING",
    "KVM_FABRIC_TAPS",
    "KVM_FABRIC_HEALTH_PORT",
    "CONSUL_HTTP_ADDR",
    "CONSUL_CACERT",
    "CONSUL_DATACENTER",
    "CONSUL_HTTP_TOKEN",
    "CONSUL_SERVICE_ID",
    "CONSUL_SERVICE_NAME",
    "CONSUL_SERVICE_TAGS",
    "CONSUL_SERVICE_META",
    "CONSUL_SERVICE_PORT",
    "CONSUL_SERVICE_REGISTRATION",
    "DATABASE_URL",
    "LEVEL",
  ]);
  expect(environment(named(pod, "hold"))).toEqual({
    KVM_FABRIC_ASSET_SET: "v1",
    POD_NAME: { fieldRef: { fieldPath: "metadata.name" } },
  });
  expect(environment(named(pod, "verify-host"))).toEqual({
    KVM_FABRIC_ASSETS: "/var/firecracker",
    KVM_FABRIC_ASSET_SET: "v1",
    ASSET_FILES: "firecracker vmlinux rootfs.ext4",
  });
});

test("keeps a user's metadata literal", async () => {
  const registration = { meta: { note: "$(CONSUL_HTTP_TOKEN)" } };
  const { worker } = await podOf({ consul, registration });
  const meta = JSON.parse(environment(worker).CONSUL_SERVICE_META);
  expect(meta.note).toBe("$$(CONSUL_HTTP_TOKEN)");
});

test("a QEMU worker has its role in the environment and its socket as sign of life", async () => {
  const { worker } = await podOf({ vmm: Vmm.Qemu, qemu: { role: "KioskInteractive" } });
  expect(environment(worker).ROLE).toBe("KioskInteractive");
  expect(worker.command).toContain("COHROLE=$(ROLE)");
  expect(worker.readinessProbe.exec.command).toEqual(["test", "-S", "/run/worker/monitor.sock"]);
  expect(worker.command).toContain("unix:/run/worker/monitor.sock,server=on,wait=off");
  expect(worker.livenessProbe).toBeUndefined();
});

test("asks for health on 8081 and restarts a worker last of all", async () => {
  const { worker, spec } = await podOf({});
  const httpGet = { path: "/health", port: "health", scheme: "HTTP" };
  expect(worker.ports).toEqual([{ name: "health", containerPort: 8081, protocol: "TCP" }]);
  for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"]) {
    expect(worker[probe].httpGet).toEqual(httpGet);
  }
  expect(worker.livenessProbe.failureThreshold).toBeGreaterThan(
    worker.readinessProbe.failureThreshold,
  );
  expect(spec.updateStrategy).toEqual({
    type: "RollingUpdate",
    rollingUpdate: { maxUnavailable: 1, maxSurge: 0 },
  });
});

test("keeps a secret address secret and a token out of every input", async () => {
  const deployment = await deploy(() => {
    new WorkerDaemonSet("workers", {
      ...least,
      consul: { ...consul, address: pulumi.secret("https://hidden.example:8501") },
      environmentSecrets: [{ name: "DATABASE_URL", secretName: "database", secretKey: "url" }],
    });
  });
  const daemonSet = find(deployment, DAEMON_SET, "workers");
  const { env } = daemonSet.inputs.spec.template.spec.containers[0];
  const variable = env.find((v: any) => v.name === "CONSUL_HTTP_ADDR");
  expect(isSecret(variable.value)).toBe(true);
  expect(reveal(variable.value)).toBe("https://hidden.example:8501");
  expect(env.find((v: any) => v.name === "DATABASE_URL").valueFrom).toEqual({
    secretKeyRef: { name: "database", key: "url" },
  });
});

test("a faulty worker makes nothing and says everything in one message", async () => {
  let message = "";
  const deployment = await deploy(() => {
    try {
      new WorkerDaemonSet("workers", { ...least, image: "worker:latest", healthPort: -1 });
    } catch (error) {
      message = String(error);
    }
  });
  expect(message).toMatch(
    /WorkerDaemonSet "workers" has 2 faults:\n {2}image: .*got "worker:latest".*\n {2}healthPort: /,
  );
  expect(deployment.resources.filter(({ custom }) => custom)).toEqual([]);
});

test("a reference leads to the consumer's Secret", async () => {
  const outputs = {
    address: pulumi.output("a"),
    caCertificate: pulumi.output("c"),
    datacenter: pulumi.output("d"),
    tokenSecretNames: { workers: pulumi.output("s"), gateway: pulumi.output("g") },
  };
  const { stackOutputs } = await deploy(() => ({ ref: consulRef(outputs, "workers") }));
  const ref = await new Promise((resolve) => pulumi.output(stackOutputs.ref).apply(resolve));
  expect(ref).toEqual({ address: "a", caCertificate: "c", datacenter: "d", tokenSecretName: "s" });
});
