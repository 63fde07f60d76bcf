import { randomBytes } from "node:crypto";
import { auditLog, kubeconfigFile, labClient } from "../../lab/cluster/cluster";
import { labEnvironment, readLabRecord } from "../../lab/environment";
import type { KubeClient } from "../../lab/kube/client";
import { eventually } from "./wait";

/** Names the state folder of the lab that all files of one jest run share; set by the global set-up. */
export const TEST_LAB = "KVM_FABRIC_TEST_LAB";

/** The shared lab as one test file sees it. */
export interface TestLab {
  state: string;
  kubeconfig: string;
  /** The API server's audit log; it is on in a lab that the run made itself. */
  auditLog: string;
  /** Environment for pulumi, kubectl and whatever else runs in the lab. */
  env: NodeJS.ProcessEnv;
  /** With the rights of the administrator. */
  client: KubeClient;
  /** Makes a namespace of this file's own, removed after its tests. Files run at the same time, so everything namespaced belongs in one. */
  namespace(labels?: Record<string, string>): Promise<string>;
  /** A name that no other test uses, for what is not namespaced. */
  unique(prefix: string): string;
}

/**
 * The running lab, for a test file to call at its top. Objects that are not namespaced are the file's own to remove.
 */
export function withLab(): TestLab {
  const state = process.env[TEST_LAB];
  if (state === undefined) throw new Error("tests of the lab run with: jest --selectProjects lab");
  const client = labClient(state);
  const namespaces: string[] = [];
  const unique = (prefix: string) => `${prefix}-${randomBytes(4).toString("hex")}`;
  afterAll(async () => {
    for (const name of namespaces)
      await client.remove({ apiVersion: "v1", kind: "Namespace", name });
    client.close();
  });
  return {
    state,
    kubeconfig: kubeconfigFile(state),
    auditLog: auditLog(state),
    env: labEnvironment(state, readLabRecord(state)),
    client,
    unique,
    async namespace(labels = {}) {
      const name = unique("test");
      await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
      namespaces.push(name);
      // Pods are refused as long as it is not there.
      const account = {
        apiVersion: "v1",
        kind: "ServiceAccount",
        name: "default",
        namespace: name,
      };
      await eventually("the account of the namespace's pods", () => client.find(account));
      return name;
    },
  };
}
