import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { debianTree, librariesOf } from "../../lab/node/debian";
import { labPaths } from "../../lab/paths";

/**
 * What shellcheck says of a script in POSIX shell: nothing, if it is a good one. It is the machine's own where it has one,
 * else Debian's package in the lab's cache: no test is left out for want of it. `excluded` are codes, as in `SC2016`.
 */
export async function shellcheck(
  script: string,
  excluded: readonly string[] = [],
): Promise<string> {
  const without = excluded.length === 0 ? [] : [`--exclude=${excluded.join(",")}`];
  const options = { input: script, encoding: "utf8" as const };
  const args = ["--shell=sh", ...without, "-"];
  const own = spawnSync("shellcheck", args, options);
  if (own.error === undefined) return said(own);
  const root = await debianTree(labPaths().cache, ["shellcheck"]);
  const env = { ...process.env, LD_LIBRARY_PATH: librariesOf(root).join(":") };
  return said(spawnSync(path.join(root, "usr/bin/shellcheck"), args, { ...options, env }));
}

function said({ error, status, stderr, stdout }: ReturnType<typeof spawnSync>): string {
  if (error !== undefined) throw error;
  const text = `${String(stdout)}${String(stderr)}`;
  return status === 0 || text !== "" ? text : `shellcheck ended with ${String(status)}`;
}
