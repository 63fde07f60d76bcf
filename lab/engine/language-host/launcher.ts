import path from "node:path";
import { executable, nodeCommand } from "../../node-command";

/**
 * The text of an executable `pulumi-language-nodejs`: what the CLI finds next to its own binary or on PATH.
 * @param node Absolute path of the Node (22 or later) that runs the host and every program.
 */
export function launcherScript(node: string): string {
  return executable(nodeCommand(path.join(__dirname, "main.ts"), node));
}
