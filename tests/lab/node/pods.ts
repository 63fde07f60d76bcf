import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { readLabRecord } from "../../../lab/environment";
import { conditionOf, type KubeObject, textAt } from "../../../lab/kube/objects";
import type { ImageArchive } from "../../../lab/node/image/oci";
import type { TestLab } from "../../support/lab";
import { eventually } from "../../support/wait";

const run = promisify(execFile);

/** A pod that a test runs on a real node. */
export interface PodOptions {
  command: string[];
  /** Name of an image that the node has. */
  image: string;
  /** Name of the node. */
  node: string;
  /** Defaults to none. */
  limits?: Record<string, string>;
  /** Whether it gets its service account's token. Defaults to not. */
  token?: boolean;
  /** Defaults to root. */
  user?: number;
  /** Folders of the node, by where the container sees them. Defaults to none. */
  volumes?: Record<string, string>;
}

/** Pods in the namespace `default` of a lab, on its real nodes. */
export function podsOf(lab: Pick<TestLab, "client" | "env" | "state">) {
  const kubectl = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(readLabRecord(lab.state).kubectl, args, { env: lab.env });
    return stdout;
  };
  const get = (name: string) =>
    lab.client.get({ apiVersion: "v1", kind: "Pod", name, namespace: "default" });
  return {
    kubectl,
    get,
    /** Makes a pod without any right: no capability, read-only root, no token unless asked for. */
    async create(name: string, options: PodOptions): Promise<void> {
      await lab.client.create(podManifest(name, options));
    },
    /** Waits until a pod is ready; answers with it. */
    ready: (name: string): Promise<KubeObject> => {
      const isReady = async () => {
        const pod = await get(name);
        return conditionOf(pod, "Ready")?.status === "True" && pod;
      };
      return eventually(`pod ${name} is ready`, isReady);
    },
    /** Waits until a pod has ended; fails, with its log, where it did not succeed. */
    succeeded: async (name: string): Promise<void> => {
      const ended = async () => {
        const phase = textAt(await get(name), "status", "phase");
        return phase === "Succeeded" || phase === "Failed" ? phase : undefined;
      };
      const phase = await eventually(`pod ${name} ends`, ended);
      if (phase === "Succeeded") return;
      throw new Error(`pod ${name} failed:\n${await kubectl("logs", name)}`);
    },
  };
}

/** A command that a shell runs. */
export function shell(script: string): string[] {
  return ["sh", "-c", script];
}

/** The name by which a pod is pinned to an image's digest. */
export function byDigest({ name, digest }: Pick<ImageArchive, "digest" | "name">): string {
  return `${name.replace(/:[^:/]+$/, "")}@${digest}`;
}

function podManifest(name: string, options: PodOptions): KubeObject {
  const { command, image, limits = {}, node, token = false, user, volumes = {} } = options;
  const folders = Object.entries(volumes).map(([mountPath, folder], at) => ({
    mount: { name: `v${at}`, mountPath },
    volume: { name: `v${at}`, hostPath: { path: folder, type: "DirectoryOrCreate" } },
  }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      automountServiceAccountToken: token,
      nodeSelector: { "kubernetes.io/hostname": node },
      tolerations: [{ operator: "Exists" }],
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "main",
          image,
          imagePullPolicy: "Never",
          command,
          resources: { limits },
          volumeMounts: folders.map(({ mount }) => mount),
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
            ...(user !== undefined && { runAsUser: user }),
          },
        },
      ],
      volumes: folders.map(({ volume }) => volume),
    },
  };
}
