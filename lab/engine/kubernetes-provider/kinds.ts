import { urnType } from "../grpc/urn";

/** What a type token such as `kubernetes:apps/v1:Deployment` says. */
export interface TypeToken {
  apiVersion: string;
  /** The kind as written in the token: with the suffix `Patch` for a patch resource. */
  kind: string;
}

/** The type token of a Helm release, which is recorded and not rendered. */
export const HELM_RELEASE = "kubernetes:helm.sh/v3:Release";

/** Annotations of pulumi.com that steer the provider. */
export const Annotation = {
  Autonamed: "pulumi.com/autonamed",
  SkipAwait: "pulumi.com/skipAwait",
  TimeoutSeconds: "pulumi.com/timeoutSeconds",
  WaitFor: "pulumi.com/waitFor",
  PatchForce: "pulumi.com/patchForce",
  PatchFieldManager: "pulumi.com/patchFieldManager",
  DeletionPropagation: "pulumi.com/deletionPropagationPolicy",
  ReplaceUnready: "pulumi.com/replaceUnready",
} as const;

/** Reads the type token of a URN; the SDKs call the core group `core`. */
export function typeOfUrn(urn: string): TypeToken {
  const [, module = "", kind = ""] = urnType(urn).split(":");
  return { apiVersion: module.replace(/^core\//, ""), kind };
}

/** Says whether a resource patches an object that something else owns. */
export function isPatchResource(urn: string, objectKind: string): boolean {
  return typeOfUrn(urn).kind === `${objectKind}Patch`;
}

/** Group of an API version; the core group is "". */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

/** The resource id of an object. */
export function idOf(name: string, namespace: string | undefined): string {
  return namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
}

/** Takes an id apart: `namespace/name`, or `name` alone. */
export function parseId(id: string): { name: string; namespace?: string } {
  const slash = id.indexOf("/");
  return slash < 0 ? { name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

const clusterScoped = new Set([
  ...["Namespace", "Node", "PersistentVolume", "ComponentStatus"],
  ...["APIService", "CustomResourceDefinition", "PriorityClass", "RuntimeClass", "IngressClass"],
  ...["ClusterRole", "ClusterRoleBinding", "StorageClass", "CSIDriver", "CSINode"],
  ...["VolumeAttachment", "VolumeAttributesClass", "CertificateSigningRequest"],
  ...["FlowSchema", "PriorityLevelConfiguration", "DeviceClass", "ResourceSlice"],
  ...["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
  ...["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
  ...["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"],
]);

/** Says whether a group is one of Kubernetes' own (and not of a CustomResourceDefinition). */
export function isBuiltinGroup(apiVersion: string): boolean {
  const group = groupOf(apiVersion);
  return !group.includes(".") || group.endsWith(".k8s.io");
}

/** Says whether a kind of Kubernetes itself is known to have no namespace. */
export function isKnownClusterScoped(apiVersion: string, kind: string): boolean {
  return isBuiltinGroup(apiVersion) && clusterScoped.has(kind);
}
