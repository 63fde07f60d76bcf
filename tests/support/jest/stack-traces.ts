import { runInThisContext } from "node:vm";

/** The Error of the worker itself: there Jest keeps what gives a stack trace the lines of the sources. */
const worker = runInThisContext("Error") as Partial<ErrorConstructor>;

/** Where Pulumi's SDK notes stack traces: with each promise, and once or twice for each resource. */
const NOTED = /\/@pulumi\/pulumi\/(runtime\/debuggable|resource)\.js$/;
const NOTING = /^(debuggablePromise|callsites)$/;

// No test shows what it notes: the lines of the sources for these alone take longer than all else that a deployment
// does. All other errors keep theirs.
Error.prepareStackTrace = (error, frames) => {
  const [top] = frames;
  const name = top?.getMethodName() ?? top?.getFunctionName() ?? "";
  if (NOTED.test(top?.getFileName() ?? "") && NOTING.test(name)) return "";
  return worker.prepareStackTrace?.(error, frames) ?? String(error);
};
