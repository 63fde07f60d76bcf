import { execFileSync } from "node:child_process";
import * as path from "node:path";

const file = path.resolve(__dirname, "../../../../../lab/engine/language-host/promise-notes.cjs");

// As source-map-support sets its own, and as others set theirs for a moment.
const PROGRAM = `
  Error.prepareStackTrace = (error, frames) => "lines of the sources";
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (error, frames) => frames.length > 0;
  const moment = new Error().stack;
  Error.prepareStackTrace = before;
  function debuggablePromise() { return new Error().stack; }
  function other() { return new Error().stack; }
  console.log(JSON.stringify({ noted: debuggablePromise(), other: other(), moment }));
`;

function seen(env: NodeJS.ProcessEnv = {}): unknown {
  const args = ["--require", file, "--eval", PROGRAM];
  return JSON.parse(
    execFileSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, ...env } }),
  );
}

test("what Pulumi's SDK notes with its promises is empty, and every other error has its lines", () => {
  expect(seen()).toEqual({ noted: "", other: "lines of the sources", moment: true });
});

test("who looks for leaks has all", () => {
  expect(seen({ PULUMI_DEBUG_PROMISE_LEAKS: "1" })).toMatchObject({
    noted: "lines of the sources",
    other: "lines of the sources",
  });
});
