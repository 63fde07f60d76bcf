import * as path from "node:path";

/** The text of an executable of the lab's bin folder that stands in for a cloud's program of that name. */
export function standInScript(node: string, state: string, program: string): string {
  const main = path.join(__dirname, "main.ts");
  const command = [node, "--require", require.resolve("tsx/cjs"), main, state, program];
  return `#!/bin/sh\nTSX_DISABLE_CACHE=1 exec ${command.map(quoted).join(" ")} "$@"\n`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
