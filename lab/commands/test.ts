import { ensureTools } from "../toolchain";
import { nodeTool, runChild } from "./child";

/**
 * `npm test`: every test, the lab's included. Arguments go to jest, as in
 * `npm test -- --selectProjects unit`.
 */
export async function run(args: string[]): Promise<number> {
  // Building the toolchain can take minutes: it belongs before the tests, where its progress is seen.
  if (needsLab(args)) await ensureTools();
  // ts-node is not loaded, and one worker a core is enough: the lab's processes work too.
  const { code } = await runChild(nodeTool("jest"), ["--maxWorkers", "2", ...args]);
  return code;
}

/** Says whether jest's arguments select the project that needs the toolchain. Pure. */
export function needsLab(args: readonly string[]): boolean {
  const at = args.indexOf("--selectProjects");
  return at < 0 || args.slice(at + 1).includes("lab");
}
