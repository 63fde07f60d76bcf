import {
  clusterRoleRules,
  daemonSetSpec,
  eventRules,
  labels,
  LEASE_SECONDS,
  roleRules,
} from "../../../components/node-provisioner/manifests";
import { nodeWritePolicy } from "../../../components/node-provisioner/node-write-policy";
import {
  planNodeProvisioner,
  type ProvisionerPlan,
} from "../../../components/node-provisioner/plan";
import { policyBinding, writerCondition } from "../../../components/node-provisioner/policy-rules";
import { reportPolicy } from "../../../components/node-provisioner/report-policy";
import type { KubeClient } from "../../../lab/kube/client";
import { isKubeError } from "../../../lab/kube/kube-error";
import type { KubeObject } from "../../../lab/kube/objects";

const sum = "382a02a869e4d6d5cb14c40577f9545e8458021ea8b0b2d3fc10ec14d9c242e6";
const file = (name: string) => ({ url: `https://assets.example.com/${name}`, sha256: sum });

/** A plan as a user's program would make it. Another domain keeps it off the nodes of other tests. */
export function examplePlan(name: string, domain?: string): ProvisionerPlan {
  const answer = planNodeProvisioner(name, {
    ...(domain !== undefined && { domain }),
    image:
      "docker.io/curlimages/curl:8.5.0@sha256:08e466006f0860e54fc299378de998935333e0e130a15f6f98482e9f8dab3058",
    assets: {
      amd64: {
        vmm: file("firecracker"),
        jailer: file("jailer"),
        kernel: file("vmlinux"),
        rootfs: file("rootfs.ext4"),
      },
    },
  });
  if (!answer.ok) throw new Error(JSON.stringify(answer.faults));
  return answer.plan;
}

const core = (kind: string, name: string, namespace: string, rest: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, namespace },
  ...rest,
});

/** A simulated KVM node as its pool would make it, with things on it that are not the provisioner's. */
export function kvmNode(name: string, plan: ProvisionerPlan, extra: any = {}): KubeObject {
  const { contract } = plan;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "example.com/team": "blue",
        [contract.capabilityLabel]: "true",
        [contract.poolLabel]: "metal",
        ...extra.labels,
      },
      annotations: { "kwok.x-k8s.io/node": "fake", "example.com/note": "keep" },
      finalizers: extra.finalizers ?? ["example.com/keep"],
    },
    spec: {
      taints: [
        { key: contract.workerTaint, value: "true", effect: "NoSchedule" },
        { key: "example.com/other", value: "x", effect: "PreferNoSchedule" },
        { key: contract.startupTaint, effect: "NoSchedule" },
        { key: contract.startupTaint, effect: "PreferNoSchedule" },
      ],
    },
  };
}

/** Applies what the component would create for the provisioner's identity. */
export async function applyIdentity(
  admin: KubeClient,
  plan: ProvisionerPlan,
  namespace: string,
): Promise<void> {
  const cluster = (apiVersion: string, kind: string, name: string, rest: object): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name, labels: labels(plan) },
    ...rest,
  });
  const rbac = "rbac.authorization.k8s.io/v1";
  const admission = "admissionregistration.k8s.io/v1";
  const condition = writerCondition(namespace, plan.objectName);
  const objects: KubeObject[] = [
    core("ServiceAccount", plan.objectName, namespace),
    cluster(admission, "ValidatingAdmissionPolicy", plan.policyName, {
      spec: nodeWritePolicy(plan.contract, plan.allowedSets, condition),
    }),
    cluster(admission, "ValidatingAdmissionPolicyBinding", plan.policyName, {
      spec: policyBinding(plan.policyName),
    }),
    cluster(admission, "ValidatingAdmissionPolicy", plan.reportPolicyName, {
      spec: reportPolicy(plan.contract, condition),
    }),
    cluster(admission, "ValidatingAdmissionPolicyBinding", plan.reportPolicyName, {
      spec: policyBinding(plan.reportPolicyName),
    }),
    cluster(rbac, "ClusterRole", plan.objectName, { rules: clusterRoleRules() }),
    grant(plan, plan.objectName, plan.objectName, namespace),
    ...namespacedRoles(plan, namespace),
    ...(plan.leaseName === "" ? [] : [lease(plan, namespace)]),
  ];
  for (const object of objects) await admin.apply(object);
}

/** The role that no provisioner should have: with it, nothing but the policy stands in the way. */
export async function grantEverythingOnNodes(
  admin: KubeClient,
  plan: ProvisionerPlan,
  namespace: string,
): Promise<() => Promise<void>> {
  const name = `${plan.objectName}-too-wide`;
  const role: KubeObject = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name },
    rules: [{ apiGroups: [""], resources: ["nodes", "nodes/status", "nodes/proxy"], verbs: ["*"] }],
  };
  const binding = grant(plan, name, name, namespace);
  await admin.apply(role);
  await admin.apply(binding);
  return async () => {
    await admin.remove(binding);
    await admin.remove(role);
  };
}

/** The Lease of the wanted asset set. */
function lease(plan: ProvisionerPlan, namespace: string): KubeObject {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: plan.leaseName, namespace },
    spec: { leaseDurationSeconds: LEASE_SECONDS },
  };
}

/** The rights to see its own DaemonSet and to take its Lease, and to tell events. */
function namespacedRoles(plan: ProvisionerPlan, namespace: string): KubeObject[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const role = (place: string, rules: object[]): KubeObject[] => {
    const metadata = { name: plan.objectName, namespace: place };
    return [
      { apiVersion, kind: "Role", metadata, rules },
      { ...grant(plan, plan.objectName, plan.objectName, namespace, "Role"), metadata },
    ];
  };
  return [...role(namespace, roleRules(plan)), ...role("default", eventRules())];
}

function grant(
  plan: ProvisionerPlan,
  name: string,
  role: string,
  namespace: string,
  kind: "ClusterRole" | "Role" = "ClusterRole",
): KubeObject {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: `${kind}Binding`,
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: role },
    subjects: [{ kind: "ServiceAccount", name: plan.objectName, namespace }],
  };
}

/**
 * A pod of the DaemonSet's own template, placed on a node (or on none), and a token bound to it. It lacks
 * the label by which the lab's stand-in finds pods to report for.
 */
export async function podToken(
  admin: KubeClient,
  plan: ProvisionerPlan,
  namespace: string,
  node: string | undefined,
): Promise<{ pod: KubeObject; token: string }> {
  const { spec } = daemonSetSpec(plan).template;
  const name = `${plan.objectName}-${node ?? "unplaced"}`;
  const pod = await admin.create({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    // No scheduler of the lab has that name, so a pod on no node stays on none.
    spec: { ...spec, ...(node === undefined ? { schedulerName: "nobody" } : { nodeName: node }) },
  });
  const bound = { name, uid: pod.metadata.uid ?? "" };
  return { pod, token: await admin.createToken(plan.objectName, namespace, bound) };
}

/** A token of the account bound to something other than a pod, or to nothing. */
export async function otherToken(
  admin: KubeClient,
  account: string,
  namespace: string,
  spec: object = {},
): Promise<string> {
  const answer: any = await admin.request(
    "POST",
    `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    { body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec } },
  );
  return answer.status.token;
}

/** How a call ended: undefined where it went through. */
export async function refusal(
  call: () => Promise<unknown>,
): Promise<{ status: number; message: string } | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (isKubeError(error)) return { status: error.status, message: error.message };
    throw error;
  }
}

/** Removes what {@link applyIdentity} made outside the namespace. */
export async function removeIdentity(admin: KubeClient, plan: ProvisionerPlan): Promise<void> {
  const rbac = "rbac.authorization.k8s.io/v1";
  const admission = "admissionregistration.k8s.io/v1";
  for (const [apiVersion, kind, name, namespace] of [
    [rbac, "RoleBinding", plan.objectName, "default"],
    [rbac, "Role", plan.objectName, "default"],
    [rbac, "ClusterRoleBinding", plan.objectName],
    [rbac, "ClusterRole", plan.objectName],
    ...[plan.policyName, plan.reportPolicyName].flatMap((policy) => [
      [admission, "ValidatingAdmissionPolicyBinding", policy] as const,
      [admission, "ValidatingAdmissionPolicy", policy] as const,
    ]),
  ] as const) {
    await admin.remove({ apiVersion, kind, name, ...(namespace && { namespace }) });
  }
}
