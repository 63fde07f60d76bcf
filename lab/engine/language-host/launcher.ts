import path from "node:path";

/**
 * The text of an executable `pulumi-language-nodejs`: what the CLI finds next to its own binary or on PATH.
 * @param node Absolute path of the Node (22 or later) that runs the host and every program.
 */
export function launcherScript(node: string): string {
  const command = [node, "--require", require.resolve("tsx/cjs"), path.join(__dirname, "main.ts")];
  return `#!/bin/sh\nTSX_DISABLE_CACHE=1 exec ${command.map(quoted).join(" ")} "$@"\n`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
