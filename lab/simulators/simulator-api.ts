import type { NodeWrite } from "../../components/node-provisioner/node-writes";
import type { KubeClient } from "../kube/client";
import { isKubeError } from "../kube/kube-error";
import { textAt } from "../kube/objects";
import { EdgeKind } from "./addresses";
import type { StatusPatch } from "./device-plugin-plan";
import { parseNode, type NodeView, type PodView } from "./objects";
import type { Report } from "./report-plan";
import type { VolumeManifest } from "./volume-plan";

/** Everything the simulators ask of the API server besides watching. Every call throws KubeError. */
export interface SimulatorApi {
  patchNodeStatus: (node: string, patch: StatusPatch) => Promise<NodeView>;
  /** Becomes the pod that reports, by a token of its service account bound to that very pod. */
  actAs: (report: Report) => Promise<PodIdentity>;
  /** Tells that the containers of a pod that is going away have ended, as its kubelet would. */
  endPod: (pod: PodView) => Promise<void>;
  /** Tells what a Service or an Ingress is called from outside; false where it is gone. */
  giveAddress: (kind: EdgeKind, edge: EdgeName, hostname: string) => Promise<boolean>;
  createVolume: (volume: VolumeManifest) => Promise<void>;
  removeVolume: (name: string) => Promise<void>;
}

/** Which Service or Ingress. */
interface EdgeName {
  name: string;
  namespace: string;
}

/** What a reporting container can do: read and write nodes and see its DaemonSet, as far as it is let. */
export interface PodIdentity {
  readNode: (name: string) => Promise<NodeView>;
  writeNode: (name: string, write: NodeWrite) => Promise<NodeView>;
  /** Whether a DaemonSet is gone or being deleted. */
  isDaemonSetLeaving: (namespace: string, name: string) => Promise<boolean>;
  /** Ends its connections. */
  close: () => void;
}

/** Shortest life of a token that the API server grants. */
const TOKEN_SECONDS = 600;

/** The simulators' requests over a client with full rights (the lab's administrator). */
export function simulatorApi(client: KubeClient): SimulatorApi {
  return {
    async patchNodeStatus(node, patch) {
      return parseNode(
        await client.patch(nodeRef(node), patch, {
          subresource: "status",
          fieldManager: "lab-device-plugin",
        }),
      );
    },
    async actAs({ serviceAccount, namespace, podName, podUid }) {
      const pod = { name: podName, uid: podUid };
      return podIdentity(
        client.withToken(await client.createToken(serviceAccount, namespace, pod, TOKEN_SECONDS)),
      );
    },
    async endPod({ metadata: { name, namespace = "default", uid } }) {
      const body = {
        ...{ apiVersion: "v1", kind: "DeleteOptions" },
        ...{ gracePeriodSeconds: 0, preconditions: { uid } },
      };
      try {
        await client.request("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`, { body });
      } catch (error) {
        // Gone, or gone and followed by another of its name.
        if (!isKubeError(error, "NotFound", "Conflict")) throw error;
      }
    },
    async giveAddress(kind, edge, hostname) {
      const apiVersion = kind === EdgeKind.Ingress ? "networking.k8s.io/v1" : "v1";
      const status = { loadBalancer: { ingress: [{ hostname }] } };
      try {
        await client.patch(
          { apiVersion, kind, ...edge },
          { status },
          { subresource: "status", fieldManager: "lab-addresses" },
        );
        return true;
      } catch (error) {
        if (isKubeError(error, "NotFound")) return false;
        throw error;
      }
    },
    async createVolume(volume) {
      try {
        await client.create({ ...volume }, { fieldManager: "lab-volumes" });
      } catch (error) {
        // Its name holds the claim's uid, so it can only be the one made before.
        if (!isKubeError(error, "AlreadyExists")) throw error;
      }
    },
    async removeVolume(name) {
      try {
        await client.remove({ apiVersion: "v1", kind: "PersistentVolume", name });
      } catch (error) {
        if (!isKubeError(error, "NotFound")) throw error;
      }
    },
  };
}

function podIdentity(bearer: KubeClient): PodIdentity {
  return {
    readNode: async (name) => parseNode(await bearer.get(nodeRef(name))),
    writeNode: async (name, { contentType, body, subresource }) => {
      const options = { contentType, ...(subresource !== undefined && { subresource }) };
      return parseNode(await bearer.patch(nodeRef(name), body, options));
    },
    async isDaemonSetLeaving(namespace, name) {
      const ref = { apiVersion: "apps/v1", kind: "DaemonSet", namespace, name };
      const found = await bearer.find(ref);
      return found === undefined || textAt(found, "metadata", "deletionTimestamp") !== undefined;
    },
    close: bearer.close,
  };
}

function nodeRef(name: string) {
  return { apiVersion: "v1", kind: "Node", name };
}
