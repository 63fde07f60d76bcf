// Pulumi's SDK notes a stack trace with each promise it makes, for whoever looks for leaks with PULUMI_DEBUG_PROMISE_LEAKS.
// With the lines of the TypeScript sources these alone are a seventh of a preview's processor time: here they are empty.
// All other errors keep theirs.
const NOTING = "debuggablePromise";

if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  const ours = new WeakSet();
  let formatter = Error.prepareStackTrace;
  // Whatever finds the lines of the sources is set later, and set back by some for a moment.
  Object.defineProperty(Error, "prepareStackTrace", {
    configurable: true,
    get: () => formatter,
    set: (given) => {
      formatter = typeof given !== "function" || ours.has(given) ? given : sparing(given);
    },
  });

  function sparing(given) {
    const own = (error, frames) =>
      frames[0]?.getFunctionName() === NOTING ? "" : given(error, frames);
    ours.add(own);
    return own;
  }
}
