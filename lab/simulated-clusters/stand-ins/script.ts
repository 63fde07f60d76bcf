import * as path from "node:path";
import { executable, nodeCommand } from "../../node-command";

/** The text of an executable of the lab's bin folder that stands in for a cloud's program of that name. */
export function standInScript(node: string, state: string, program: string): string {
  return executable([...nodeCommand(path.join(__dirname, "main.ts"), node), state, program]);
}
