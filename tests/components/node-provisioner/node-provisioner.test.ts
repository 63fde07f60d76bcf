import * as corev1 from "@pulumi/kubernetes/core/v1";
import { assetSetId } from "../../../components/node-provisioner/asset-set";
import {
  NodeProvisioner,
  type NodeProvisionerArgs,
} from "../../../components/node-provisioner/node-provisioner";
import { deploy, find, tree, UNKNOWN, type Deployment } from "../../support/deploy";

const sum = (digit: string) => digit.repeat(64);
const assets = {
  amd64: {
    vmm: { url: "https://example.com/fc", sha256: sum("a") },
    jailer: { url: "https://example.com/jailer", sha256: sum("b") },
    kernel: { url: "https://example.com/vmlinux", sha256: sum("c") },
    rootfs: { url: "https://example.com/rootfs", sha256: sum("d") },
  },
};
const args: NodeProvisionerArgs = {
  assets,
  image: `docker.io/curlimages/curl:8.5.0@sha256:${sum("e")}`,
  namespace: "fabric-agents",
};
const admission = "kubernetes:admissionregistration.k8s.io/v1";
const rbac = "kubernetes:rbac.authorization.k8s.io/v1";
const expectedTree = (name: string) =>
  [
    `kvm-fabric:index:NodeProvisioner ${name} < stack`,
    `kubernetes:apps/v1:DaemonSet ${name}-agents < ${name}`,
    `kubernetes:core/v1:ConfigMap ${name}-files < ${name}`,
    `kubernetes:core/v1:ServiceAccount ${name}-account < ${name}`,
    `${admission}:ValidatingAdmissionPolicy ${name}-node-writes < ${name}`,
    `${admission}:ValidatingAdmissionPolicy ${name}-reports < ${name}`,
    `${admission}:ValidatingAdmissionPolicyBinding ${name}-node-writes-binding < ${name}`,
    `${admission}:ValidatingAdmissionPolicyBinding ${name}-reports-binding < ${name}`,
    `kubernetes:coordination.k8s.io/v1:Lease ${name}-canary-${assetSetId(assets)} < ${name}`,
    `${rbac}:ClusterRole ${name}-role < ${name}`,
    `${rbac}:ClusterRoleBinding ${name}-role-binding < ${name}`,
    `${rbac}:Role ${name}-events < ${name}`,
    `${rbac}:Role ${name}-self < ${name}`,
    `${rbac}:RoleBinding ${name}-events-binding < ${name}`,
    `${rbac}:RoleBinding ${name}-self-binding < ${name}`,
  ].sort();

const podOf = (deployment: Deployment) =>
  find(deployment, "kubernetes:apps/v1:DaemonSet", "p-agents").inputs.spec.template;

test("creates exactly its fifteen resources, also where nothing is known yet", async () => {
  expect(tree(await deploy(() => new NodeProvisioner("p", args)))).toEqual(expectedTree("p"));
  const unknown = await deploy(
    () => {
      const { metadata } = new corev1.Namespace("unknown", {});
      new NodeProvisioner("p", { ...args, namespace: metadata.name });
    },
    { preview: true },
  );
  expect(tree(unknown)).toEqual(
    [...expectedTree("p"), "kubernetes:core/v1:Namespace unknown < stack"].sort(),
  );
  const policy = find(unknown, `${admission}:ValidatingAdmissionPolicy`, "p-node-writes").inputs
    .spec;
  expect(policy.matchConditions[0].expression).toBe(UNKNOWN);
  expect(policy.validations).toHaveLength(13);
});

test("two instances live side by side without one name in common", async () => {
  const deployment = await deploy(() => {
    new NodeProvisioner("p", args);
    new NodeProvisioner("q", { ...args, domain: "q.example.com", assetsRoot: "/var/lib/q" });
  });
  expect(tree(deployment)).toEqual([...expectedTree("p"), ...expectedTree("q")].sort());
  const names = deployment.resources
    .filter(({ custom }) => custom)
    .map(({ type, inputs: { metadata } }) => [type, metadata.namespace, metadata.name].join(" "));
  expect(new Set(names).size).toBe(28);
});

test("registers what it promises as outputs, and inherits provider and parent", async () => {
  const deployment = await deploy(() => new NodeProvisioner("p", args));
  expect(deployment.outputs.get("p")).toEqual({
    assetSet: assetSetId(assets),
    assetsRoot: "/var/lib/kvm-fabric",
    namespace: "fabric-agents",
    serviceAccountName: "p",
  });
  expect(new Set(deployment.resources.map(({ provider }) => provider))).toEqual(new Set([""]));
});

test("the account has no rights before it is confined, and none while a pod of it runs unconfined", async () => {
  const deployment = await deploy(() => new NodeProvisioner("p", args));
  const dependencies = (type: string, name: string) => find(deployment, type, name).dependsOn;
  expect(
    dependencies(`${admission}:ValidatingAdmissionPolicyBinding`, "p-node-writes-binding"),
  ).toContain("p-node-writes");
  const bindings = ["p-node-writes-binding", "p-reports-binding"];
  for (const [kind, name] of [
    ["ClusterRoleBinding", "p-role-binding"],
    ["RoleBinding", "p-self-binding"],
    ["RoleBinding", "p-events-binding"],
  ] as const) {
    expect(dependencies(`${rbac}:${kind}`, name)).toEqual(expect.arrayContaining(bindings));
  }
  expect(dependencies("kubernetes:apps/v1:DaemonSet", "p-agents")).toEqual(
    expect.arrayContaining(["p-account", "p-files", "p-role-binding", "p-self-binding"]),
  );
});

test("on destroy the DaemonSet goes before all else: its pods still need every part to take their labels off", async () => {
  const deployment = await deploy(() => new NodeProvisioner("p", args));
  const byName = new Map(deployment.resources.map((resource) => [resource.name, resource]));
  // What a resource depends on is deleted after it.
  const outlive = (name: string, found = new Set<string>()): Set<string> => {
    for (const next of byName.get(name)?.dependsOn ?? []) {
      if (!found.has(next)) outlive(next, found.add(next));
    }
    return found;
  };
  const others = deployment.resources.filter(({ custom, name }) => custom && name !== "p-agents");
  expect([...outlive("p-agents")]).toEqual(expect.arrayContaining(others.map(({ name }) => name)));
  const { spec } = podOf(deployment);
  expect(spec.terminationGracePeriodSeconds).toBe(60);
});

test("beside the nodes it may see its own DaemonSet, take its Lease, tell events, and no more", async () => {
  const deployment = await deploy(() => new NodeProvisioner("p", args));
  const role = find(deployment, `${rbac}:Role`, "p-self").inputs;
  expect(role.metadata.namespace).toBe("fabric-agents");
  expect(role.rules).toEqual([
    { apiGroups: ["apps"], resources: ["daemonsets"], resourceNames: ["p"], verbs: ["get"] },
    {
      apiGroups: ["coordination.k8s.io"],
      resources: ["leases"],
      resourceNames: [`p-${assetSetId(assets)}`],
      verbs: ["get", "patch"],
    },
  ]);
  const events = find(deployment, `${rbac}:Role`, "p-events").inputs;
  expect(events.metadata.namespace).toBe("default");
  expect(events.rules).toEqual([{ apiGroups: [""], resources: ["events"], verbs: ["create"] }]);
  const daemonSet = find(deployment, "kubernetes:apps/v1:DaemonSet", "p-agents").inputs;
  expect(daemonSet.metadata).toMatchObject({ name: "p", namespace: "fabric-agents" });
  const binding = find(deployment, `${rbac}:RoleBinding`, "p-self-binding").inputs;
  expect(binding.metadata.namespace).toBe("fabric-agents");
  expect(binding.roleRef).toEqual({
    apiGroup: "rbac.authorization.k8s.io",
    kind: "Role",
    name: "p",
  });
  expect(binding.subjects).toEqual([
    { kind: "ServiceAccount", name: "p", namespace: "fabric-agents" },
  ]);
});

test("the role grants two verbs on nodes, one on their status, and nothing else", async () => {
  const deployment = await deploy(() => new NodeProvisioner("p", args));
  const role = find(deployment, `${rbac}:ClusterRole`, "p-role").inputs;
  expect(role.rules).toEqual([
    { apiGroups: [""], resources: ["nodes"], verbs: ["get", "patch"] },
    { apiGroups: [""], resources: ["nodes/status"], verbs: ["patch"] },
  ]);
  const binding = find(deployment, `${rbac}:ClusterRoleBinding`, "p-role-binding").inputs;
  expect(binding.subjects).toEqual([
    { kind: "ServiceAccount", name: "p", namespace: "fabric-agents" },
  ]);
});

test("the token reaches `report` alone; both containers are confined; only `provision` sees the host", async () => {
  const { spec } = podOf(await deploy(() => new NodeProvisioner("p", args)));
  expect(spec.automountServiceAccountToken).toBe(false);
  const [provision, report] = spec.containers;
  expect(spec).not.toHaveProperty("initContainers");
  const mounts = (container: any) =>
    Object.fromEntries(
      container.volumeMounts.map((mount: any) => [mount.name, mount.readOnly ?? false]),
    );
  expect(mounts(provision)).toEqual({ files: true, host: false, state: false });
  expect(mounts(report)).toEqual({ files: true, state: false, token: true, work: false });
  for (const container of [provision, report]) {
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      privileged: false,
      readOnlyRootFilesystem: true,
    });
    expect(container.image).toBe(args.image);
  }
  expect(provision.securityContext.runAsUser).toBe(0);
  expect(report.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
  expect(provision.resources.limits).toEqual({ "kvm-fabric.dev/kvm": "1", memory: "384Mi" });
  expect(report.resources.limits).toEqual({ memory: "32Mi" });
  expect(spec.volumes.filter((volume: any) => volume.hostPath)).toEqual([
    { name: "host", hostPath: { path: "/var/lib/kvm-fabric", type: "DirectoryOrCreate" } },
  ]);
  expect(spec).not.toHaveProperty("hostNetwork");
  expect(spec).not.toHaveProperty("hostPID");
});

test("the reporting container says what a simulator of it must know", async () => {
  const { spec, metadata } = podOf(await deploy(() => new NodeProvisioner("p", args)));
  expect(metadata.labels["app.kubernetes.io/name"]).toBe("node-provisioner");
  const { env } = spec.containers.find(({ name }: any) => name === "report");
  expect(env).toContainEqual({ name: "KVM_FABRIC_DOMAIN", value: "kvm-fabric.dev" });
  expect(env).toContainEqual({ name: "KVM_FABRIC_ASSET_SET", value: assetSetId(assets) });
  expect(env).toContainEqual({
    name: "NODE_NAME",
    valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } },
  });
  expect(env).toContainEqual({ name: "KVM_FABRIC_DAEMON_SET", value: "p" });
  expect(env).toContainEqual({
    name: "NAMESPACE",
    valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } },
  });
});

test("domain, folder, tolerations and the rest arrive where they matter", async () => {
  const deployment = await deploy(
    () =>
      new NodeProvisioner("p", {
        ...args,
        assetsRoot: "/opt/vms",
        domain: "aetherium.io",
        maxUnavailable: "3",
        priorityClassName: "mine",
        tolerations: [{ key: "virtualization", operator: "Exists" }],
      }),
  );
  const daemonSet = find(deployment, "kubernetes:apps/v1:DaemonSet", "p-agents").inputs.spec;
  const { spec } = daemonSet.template;
  expect(spec.nodeSelector).toEqual({ "aetherium.io/kvm-enabled": "true" });
  expect(spec.tolerations).toEqual([
    { key: "aetherium.io/worker", operator: "Equal", value: "true", effect: "NoSchedule" },
    { key: "aetherium.io/not-ready", operator: "Exists", effect: "NoSchedule" },
    { key: "virtualization", operator: "Exists" },
  ]);
  expect(spec.priorityClassName).toBe("mine");
  expect(daemonSet.updateStrategy.rollingUpdate.maxUnavailable).toBe(3);
  expect(spec.volumes[1].hostPath.path).toBe("/opt/vms");
});

test("other files have another ConfigMap, which rolls the pods; the same files have the same", async () => {
  const mounted = async (change: Partial<NodeProvisionerArgs>) => {
    const deployment = await deploy(() => new NodeProvisioner("p", { ...args, ...change }));
    const files = find(deployment, "kubernetes:core/v1:ConfigMap", "p-files").inputs;
    expect(files.immutable).toBe(true);
    const [volume] = podOf(deployment).spec.volumes;
    expect(volume).toMatchObject({ name: "files", configMap: { name: files.metadata.name } });
    return files.metadata.name;
  };
  const mirrored = structuredClone(assets);
  mirrored.amd64.kernel.url = "https://mirror.example.com/vmlinux";
  expect(await mounted({})).toBe(await mounted({ priorityClassName: "mine" }));
  expect(await mounted({})).not.toBe(await mounted({ assets: mirrored }));
});

test("wrong arguments are refused at once and together, before any resource", async () => {
  const wrong = {
    ...args,
    image: "curl:latest",
    domain: "k8s.io",
    assets: {},
    assetsRoot: "/etc/x",
  };
  const run = async () => {
    const deployment = await deploy(() => {
      try {
        new NodeProvisioner("p", wrong);
      } catch (error) {
        return { message: String(error) };
      }
      return { message: "" };
    });
    return { message: deployment.stackOutputs.message as string, made: tree(deployment) };
  };
  const { message, made } = await run();
  expect(message).toContain('NodeProvisioner "p" has 4 faults');
  for (const path of ["assets:", "image:", "domain:", "assetsRoot:"])
    expect(message).toContain(path);
  expect(made.filter((line) => line.startsWith("kubernetes:"))).toEqual([]);
});
