import { missingForNode } from "../node/requirements";
import { ensureTools, nodeToolNames, testToolNames } from "../toolchain";
import { nodeTool, runChild } from "./child";

/**
 * `npm test`: every test, the lab's included. Arguments go to jest, as in
 * `npm test -- --selectProjects unit`.
 */
export async function run(args: string[]): Promise<number> {
  // Building the toolchain can take minutes: it belongs before the tests, where its progress is seen.
  if (needsLab(args)) {
    await ensureTools();
    await ensureTools(testToolNames);
    if (missingForNode().length === 0) await ensureTools(nodeToolNames);
  }
  // Two workers: the lab's own processes need the machine too.
  const { code } = await runChild(nodeTool("jest"), ["--maxWorkers", "2", ...args]);
  return code;
}

/** Says whether jest's arguments select the project that needs the toolchain. Pure. */
export function needsLab(args: readonly string[]): boolean {
  const flag = args.findIndex((arg) => /^--selectProjects(=|$)/.test(arg));
  if (flag < 0) return true;
  return args.slice(flag).some((arg) => arg === "lab" || arg === "--selectProjects=lab");
}
