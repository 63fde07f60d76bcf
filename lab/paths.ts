import * as os from "node:os";
import * as path from "node:path";

/**
 * Where the lab keeps things. Two roots and nothing else: removing both removes every trace of it.
 *
 * - the cache: what can be made again (tools, Node.js), shared by every checkout of this user
 * - the state: one running lab (cluster, Pulumi state, logs, process ids)
 */
export interface LabPaths {
  cache: string;
  state: string;
}

/** Reads KVM_FABRIC_CACHE and KVM_FABRIC_LAB, else the XDG base directories, else their defaults. */
export function labPaths(env: NodeJS.ProcessEnv = process.env): LabPaths {
  const home = os.homedir();
  return {
    cache:
      env.KVM_FABRIC_CACHE ??
      path.join(env.XDG_CACHE_HOME ?? path.join(home, ".cache"), "kvm-fabric"),
    state:
      env.KVM_FABRIC_LAB ??
      path.join(env.XDG_STATE_HOME ?? path.join(home, ".local", "state"), "kvm-fabric"),
  };
}
