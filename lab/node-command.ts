import * as path from "node:path";

const TYPESCRIPT = path.join(__dirname, "bootstrap", "typescript.js");

/** The command that runs a TypeScript file of the repository from any working folder; with this Node.js where none is named. */
export function nodeCommand(file: string, node = process.execPath): [string, ...string[]] {
  return [node, ...nodeArguments(file)];
}

/** What Node.js is given to run a TypeScript file of the repository, or with `--eval` a line of it. */
export function nodeArguments(...args: string[]): [string, ...string[]] {
  return ["--require", TYPESCRIPT, ...args];
}

/** The text of an executable that runs a command, its own arguments after those given here. */
export function executable(command: readonly string[]): string {
  return `#!/bin/sh\nexec ${command.map(quoted).join(" ")} "$@"\n`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
