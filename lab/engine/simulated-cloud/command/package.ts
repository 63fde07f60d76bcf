import type { SimulatedPackage } from "../resource-kind";
import type { MachineWorld } from "./k3s-line";
import { remoteCommand } from "./remote-command";

/**
 * The `command` package (pulumi/pulumi-command 1.x), for the machines in a folder of the lab's state. Commands on the
 * lab's own host and copies are not simulated. In `world` machines of stacks begin and join clusters; without one none does.
 */
export function command(folder: string, world?: MachineWorld): SimulatedPackage {
  return {
    resources: { "command:remote:Command": remoteCommand(folder, world) },
    functions: {},
  };
}
