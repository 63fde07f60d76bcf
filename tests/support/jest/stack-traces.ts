import { runInThisContext } from "node:vm";

/** The Error of the worker itself: there Jest keeps what gives a stack trace the lines of the sources. */
const worker = runInThisContext("Error") as Partial<ErrorConstructor>;

// Pulumi's SDK notes a stack trace with each promise of each resource, and no test shows them: the lines of the
// sources for these alone take longer than all else that a deployment does. All other errors keep theirs.
Error.prepareStackTrace = (error, frames) => {
  if (frames[0]?.getFileName()?.endsWith("/@pulumi/pulumi/runtime/debuggable.js")) return "";
  return worker.prepareStackTrace?.(error, frames) ?? String(error);
};
