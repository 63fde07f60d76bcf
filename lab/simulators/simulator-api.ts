import type { NodeWrite } from "../../components/node-provisioner/node-writes";
import type { KubeClient } from "../kube/client";
import { isKubeError } from "../kube/kube-error";
import type { StatusPatch } from "./device-plugin-plan";
import { parseNode, type NodeView } from "./objects";
import type { Report } from "./report-plan";
import type { VolumeManifest } from "./volume-plan";

/** Everything the simulators ask of the API server besides watching. Every call throws KubeError. */
export interface SimulatorApi {
  patchNodeStatus: (node: string, patch: StatusPatch) => Promise<NodeView>;
  /** Becomes the pod that reports, by a token of its service account bound to that very pod. */
  actAs: (report: Report) => Promise<PodIdentity>;
  createVolume: (volume: VolumeManifest) => Promise<void>;
  removeVolume: (name: string) => Promise<void>;
}

/** What a reporting container can do: nothing but read and write nodes, as far as it is let. */
export interface PodIdentity {
  readNode: (name: string) => Promise<NodeView>;
  writeNode: (name: string, write: NodeWrite) => Promise<NodeView>;
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
    writeNode: async (name, { contentType, body }) =>
      parseNode(await bearer.patch(nodeRef(name), body, { contentType })),
    close: bearer.close,
  };
}

function nodeRef(name: string) {
  return { apiVersion: "v1", kind: "Node", name };
}
