import type { WorkerDaemonSetArgs } from "../../../components/worker/args";
import { Isolation, TapDevices, Vmm } from "../../../components/worker/vmm";
import { WorkerDaemonSet } from "../../../components/worker/worker-daemon-set";
import { withLab } from "../../support/lab";
import { objectsOf, podsOf } from "../consul/objects";

const image = `registry.example/worker@sha256:${"a".repeat(64)}`;
const consul = {
  address: "https://fabric-consul.consul.svc:8501",
  caCertificate: "PEM",
  datacenter: "dc1",
  tokenSecretName: "workers-token",
};

const jailer = { isolation: Isolation.Jailer };
const privileged = {
  isolation: Isolation.PrivilegedHostNetwork,
  privilegedReasons: ["its image makes bridges on the host"],
};

const lab = withLab();
const workers = lab.unique("workers");
const priority = { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass" };
const namespaces: Record<string, string> = {};
beforeAll(async () => {
  // Admission looks a pod's priority class and ServiceAccount up.
  await lab.client.create({ ...priority, metadata: { name: workers }, value: 1 });
  for (const level of ["privileged", "baseline", "restricted"]) {
    const namespace = await lab.namespace({ "pod-security.kubernetes.io/enforce": level });
    namespaces[level] = namespace;
    await lab.client.create({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: workers, namespace },
    });
  }
});
afterAll(() => lab.client.remove({ ...priority, name: workers }));

const variants: [string, Partial<WorkerDaemonSetArgs>][] = [
  ["Firecracker", {}],
  ["Firecracker in Consul", { consul, minAvailable: 2, maxUnavailable: "25%" }],
  ["Firecracker that forwards packets", { ipForwarding: true }],
  ["QEMU", { vmm: Vmm.Qemu, qemu: { kernel: "cohesix.efi", arguments: ["-nic", "none"] } }],
  ["Firecracker with its own TAP devices", { tapDevices: TapDevices.Worker }],
  ["Firecracker with a thousand TAP devices", { guestNetwork: { taps: 1024 } }],
  ["Firecracker without TAP devices", { tapDevices: TapDevices.None }],
  ["Firecracker with a drain of its own", { drainCommand: ["/usr/bin/drain"] }],
  ["Firecracker below an AppArmor profile", { appArmorProfile: "kvm-worker" }],
  ["Firecracker with the jailer", jailer],
  ["Firecracker with the jailer, below an AppArmor profile", { ...jailer, appArmorProfile: "a" }],
  ["Firecracker, privileged", privileged],
  ["QEMU behind a TAP device", { vmm: Vmm.Qemu, tapDevices: TapDevices.Helper }],
  ["QEMU, privileged", { vmm: Vmm.Qemu, ...privileged }],
];

const objects = (level: string, args: Partial<WorkerDaemonSetArgs>) =>
  objectsOf(() => {
    new WorkerDaemonSet(workers, {
      assetSet: "v1",
      image,
      namespace: namespaces[level] ?? "",
      environment: { LEVEL: "debug" },
      environmentSecrets: [{ name: "DATABASE_URL", secretName: "database", secretKey: "url" }],
      tolerations: [{ key: "virtualization", operator: "Exists" }],
      ...args,
    });
  });

test.each(variants)("the API server takes every object as it is: %s", async (_, args) => {
  const made = (await objects("privileged", args)).filter(
    ({ kind }) => kind !== "ServiceAccount" && kind !== "PriorityClass",
  );
  for (const object of [...made, ...made.flatMap(podsOf)]) {
    await lab.client.create(object, { dryRun: true });
  }
  expect(made.map(({ kind }) => kind)).toContain("DaemonSet");
});

/** What Pod Security refuses about a pod, a rule each, with what it names of the pod in brackets. */
async function violations(level: string, args: Partial<WorkerDaemonSetArgs>): Promise<string[]> {
  const [pod] = (await objects(level, args)).flatMap(podsOf);
  const refusal = await lab.client.create(pod!, { dryRun: true }).then(
    () => "",
    (error: unknown) => String(error),
  );
  const [, list = ""] = /violates PodSecurity "[^"]*": (.*)/.exec(refusal) ?? [];
  return list.split(/(?<=\)), /);
}

const ADDED = 'must not include "NET_ADMIN" in securityContext.capabilities.add)';
const NODE_FILES = 'hostPath volumes (volume "assets")';
const NODE_FILES_AND_TUN = 'hostPath volumes (volumes "assets", "tun")';

test("beyond `baseline` a worker asks for the node's files and one helper's capability", async () => {
  const helper = `non-default capabilities (container "network" ${ADDED}`;
  expect(await violations("baseline", {})).toEqual([helper, NODE_FILES_AND_TUN]);
  expect(await violations("baseline", { tapDevices: TapDevices.None })).toEqual([
    helper,
    NODE_FILES,
  ]);
  expect(await violations("baseline", { vmm: Vmm.Qemu })).toEqual([helper, NODE_FILES]);
  expect(await violations("baseline", { tapDevices: TapDevices.Worker })).toEqual([
    `non-default capabilities (containers "network", "worker" ${ADDED}`,
    NODE_FILES_AND_TUN,
  ]);
});

test("beyond `baseline` the jailer's worker asks for two of its seven capabilities, and for no AppArmor", async () => {
  expect(await violations("baseline", jailer)).toEqual([
    'forbidden AppArmor profile (container "worker" must not set AppArmor profile type to "Unconfined")',
    'non-default capabilities (containers "network", "worker" must not include "NET_ADMIN", "SYS_ADMIN" in securityContext.capabilities.add)',
    'hostPath volumes (volumes "assets", "tun", "host-seccomp")',
  ]);
  const confined = await violations("baseline", { ...jailer, appArmorProfile: "jailer" });
  expect(confined.join()).not.toContain("AppArmor");
});

test("beyond `restricted` it is root as well, without what makes root powerful", async () => {
  expect(await violations("restricted", { vmm: Vmm.Qemu })).toEqual([
    `unrestricted capabilities (container "network" ${ADDED}`,
    'restricted volume types (volume "assets" uses restricted volume type "hostPath")',
    'runAsNonRoot != true (pod or containers "hold", "verify-host", "network", "worker" must set securityContext.runAsNonRoot=true)',
    "runAsUser=0 (pod must not set runAsUser=0)",
  ]);
});

test("the privileged mode is refused for what its name says", async () => {
  expect(await violations("baseline", privileged)).toEqual([
    `non-default capabilities (container "metadata-guard" ${ADDED}`,
    "host namespaces (hostNetwork=true)",
    NODE_FILES,
    'hostPort (container "worker" uses hostPort 8081)',
    'privileged (container "worker" must not set securityContext.privileged=true)',
    'seccompProfile (container "worker" must not set securityContext.seccompProfile.type to "Unconfined")',
  ]);
});

test("keeps set-user-id programs from giving more, beside SYS_ADMIN too; only another spelling is refused", async () => {
  const [pod] = (await objects("privileged", jailer)).flatMap(podsOf) as any[];
  const worker = pod.spec.containers[0].securityContext;
  expect([worker.allowPrivilegeEscalation, worker.capabilities.add]).toEqual([
    false,
    expect.arrayContaining(["SYS_ADMIN"]),
  ]);
  const taken: any = await lab.client.create(pod, { dryRun: true });
  expect(taken.spec.containers[0].securityContext).toEqual(worker);
  worker.capabilities.add = ["CAP_SYS_ADMIN"];
  await expect(lab.client.create(pod, { dryRun: true })).rejects.toThrow(
    "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN",
  );
});
