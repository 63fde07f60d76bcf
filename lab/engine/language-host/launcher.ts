import path from "node:path";

// Loaded before tsx, which would look through each of their files for TypeScript and modules that it has to
// translate: a third of the processor time that a start of the host takes.
const PLAIN = ["@grpc/grpc-js", "@pulumi/pulumi/proto/language_grpc_pb"];

/**
 * The text of an executable `pulumi-language-nodejs`: what the CLI finds next to its own binary or on PATH.
 * @param node Absolute path of the Node (22 or later) that runs the host and every program.
 */
export function launcherScript(node: string): string {
  const loaded = [...PLAIN, "tsx/cjs"].flatMap((module) => ["--require", require.resolve(module)]);
  const command = [node, ...loaded, path.join(__dirname, "main.ts")];
  return `#!/bin/sh\nTSX_DISABLE_CACHE=1 exec ${command.map(quoted).join(" ")} "$@"\n`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
