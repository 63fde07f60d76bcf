import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { kubeconfigFile } from "../cluster/cluster";
import type { MachineWorld } from "../engine/simulated-cloud/command/k3s-line";
import type { CloudEffects } from "../engine/simulated-cloud/effects";
import { binFolder } from "../environment";
import { findSimulatedCluster } from "./record";

/** What machines begin and join clusters in: simulated clusters of the lab, and its kubectl. */
export function machineWorld(state: string, effects: CloudEffects): MachineWorld {
  const fileOf = (clusterId: string) => {
    const found = findSimulatedCluster(state, clusterId);
    const file = found && kubeconfigFile(found.folder);
    return file !== undefined && fs.existsSync(file) ? file : undefined;
  };
  return {
    ...effects,
    kubeconfig: (clusterId) => {
      const file = fileOf(clusterId);
      return file && fs.readFileSync(file, "utf8");
    },
    kubectl: (clusterId, args) => {
      const kubectl = path.join(binFolder(state), "kubectl");
      const flags = ["--kubeconfig", fileOf(clusterId) ?? "", ...args];
      const env = { ...process.env, KUBECACHEDIR: path.join(state, "kube-cache") };
      return new Promise((resolve) => {
        const child = execFile(kubectl, flags, { env }, (error, stdout, stderr) => {
          resolve({ code: error ? (child.exitCode ?? 1) : 0, stdout, stderr });
        });
      });
    },
  };
}
