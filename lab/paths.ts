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

/**
 * Reads KVM_FABRIC_CACHE and KVM_FABRIC_LAB, else the XDG base directories, else their defaults. An empty variable
 * counts as unset; both folders are absolute. The bootstrap has the same rule for the cache.
 */
export function labPaths(env: NodeJS.ProcessEnv = process.env): LabPaths {
  const home = os.homedir();
  const under = (base: string | undefined, ...standard: string[]) =>
    path.join(given(base) ?? path.join(home, ...standard), "kvm-fabric");
  return {
    cache: path.resolve(given(env.KVM_FABRIC_CACHE) ?? under(env.XDG_CACHE_HOME, ".cache")),
    state: path.resolve(given(env.KVM_FABRIC_LAB) ?? under(env.XDG_STATE_HOME, ".local", "state")),
  };
}

function given(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}
