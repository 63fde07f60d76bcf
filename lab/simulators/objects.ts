import { z } from "zod";
import { FAKE_NODE_ANNOTATION } from "../cluster/config";

/**
 * The parts of Kubernetes objects that the simulators read. Whatever is not named here is dropped on
 * arrival, so a cache of 1,000 nodes and their pods stays small.
 */

const metadata = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().default(""),
  resourceVersion: z.string().default(""),
  creationTimestamp: z.string().default(""),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
});

const quantities = z
  .record(z.string(), z.union([z.string(), z.number().transform(String)]))
  .default({});

const node = z.object({
  metadata,
  spec: z
    .object({ taints: z.array(z.object({ key: z.string(), effect: z.string() })).default([]) })
    .prefault({}),
  status: z
    .object({
      capacity: quantities,
      allocatable: quantities,
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), reason: z.string().optional() }))
        .default([]),
    })
    .prefault({}),
});

const containerStatus = z.object({
  name: z.string(),
  state: z
    .object({ terminated: z.object({ exitCode: z.number() }).optional() })
    .optional()
    .default({}),
});

const pod = z.object({
  metadata,
  spec: z.object({
    nodeName: z.string().optional(),
    serviceAccountName: z.string().default("default"),
    initContainers: z
      .array(z.object({ name: z.string(), restartPolicy: z.string().optional() }))
      .default([]),
    containers: z
      .array(
        z.object({
          name: z.string(),
          env: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]),
        }),
      )
      .default([]),
  }),
  status: z
    .object({
      phase: z.string().optional(),
      initContainerStatuses: z.array(containerStatus).default([]),
    })
    .prefault({}),
});

const claim = z.object({
  metadata,
  spec: z.object({
    accessModes: z.array(z.string()).default([]),
    resources: z.object({ requests: quantities }).prefault({}),
    storageClassName: z.string().optional(),
    volumeMode: z.string().optional(),
    volumeName: z.string().optional(),
  }),
  status: z.object({ phase: z.string().optional() }).prefault({}),
});

const volume = z.object({
  metadata,
  spec: z.object({ persistentVolumeReclaimPolicy: z.string().optional() }),
  status: z.object({ phase: z.string().optional() }).prefault({}),
});

const storageClass = z.object({
  metadata,
  provisioner: z.string(),
  reclaimPolicy: z.string().default("Delete"),
  volumeBindingMode: z.string().default("Immediate"),
});

const edge = z.object({
  metadata,
  spec: z.object({ type: z.string().optional() }).prefault({}),
  status: z
    .object({ loadBalancer: z.object({ ingress: z.array(z.unknown()).default([]) }).prefault({}) })
    .prefault({}),
});

/** What the simulators read of a node. */
export type NodeView = z.infer<typeof node>;
/** What the simulators read of a pod. */
export type PodView = z.infer<typeof pod>;
/** What the simulators read of a PersistentVolumeClaim. */
export type ClaimView = z.infer<typeof claim>;
/** What the simulators read of a PersistentVolume. */
export type VolumeView = z.infer<typeof volume>;
/** What the simulators read of a StorageClass. */
export type StorageClassView = z.infer<typeof storageClass>;
/** What the simulators read of a Service or an Ingress. */
export type EdgeView = z.infer<typeof edge>;

/** Anything with a name and perhaps a namespace. */
export interface Named {
  metadata: { name: string; namespace?: string | undefined };
}

/** Reads a node. Throws a ZodError where it is none. */
export const parseNode = (object: unknown): NodeView => node.parse(object);
/** Reads a pod. Throws a ZodError where it is none. */
export const parsePod = (object: unknown): PodView => pod.parse(object);
/** Reads a PersistentVolumeClaim. Throws a ZodError where it is none. */
export const parseClaim = (object: unknown): ClaimView => claim.parse(object);
/** Reads a PersistentVolume. Throws a ZodError where it is none. */
export const parseVolume = (object: unknown): VolumeView => volume.parse(object);
/** Reads a StorageClass. Throws a ZodError where it is none. */
export const parseStorageClass = (object: unknown): StorageClassView => storageClass.parse(object);
/** Reads a Service or an Ingress. Throws a ZodError where it is none. */
export const parseEdge = (object: unknown): EdgeView => edge.parse(object);

/** The key that caches and queues know an object by: `namespace/name`, or `name` alone. */
export function keyOf({ metadata: { name, namespace } }: Named): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/**
 * Whether no kubelet stands behind a node: the annotation by which the lab's kwok knows the nodes it
 * manages. The simulators touch no other node, so a real one may join the same cluster.
 */
export function isFake(candidate: NodeView): boolean {
  return candidate.metadata.annotations[FAKE_NODE_ANNOTATION.key] === FAKE_NODE_ANNOTATION.value;
}
