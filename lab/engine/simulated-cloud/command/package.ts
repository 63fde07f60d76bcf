import type { SimulatedPackage } from "../resource-kind";
import { remoteCommand } from "./remote-command";

/**
 * The `command` package (pulumi/pulumi-command 1.x), for the machines in a folder of the lab's state. Commands on the
 * lab's own host and copies are not simulated.
 */
export function command(folder: string): SimulatedPackage {
  return {
    resources: { "command:remote:Command": remoteCommand(folder) },
    functions: {},
  };
}
