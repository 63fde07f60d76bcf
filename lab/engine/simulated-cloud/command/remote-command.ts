import * as grpc from "@grpc/grpc-js";
import { randomUUID } from "node:crypto";
import { RpcError } from "../../grpc/rpc-error";
import { isProperties, type Properties } from "../../grpc/wire";
import { optionalText } from "../inputs";
import { type ResourceKind, Shape } from "../resource-kind";
import { inTurn } from "../../../simulated-clusters/turns";
import { k3sLine, leaveIfGone, type MachineWorld } from "./k3s-line";
import { machines, runOn } from "./machines";

const LOGGING = ["stdout", "stderr", "stdoutAndStderr", "none"];

/**
 * `command.remote.Command`: runs its commands for real, on a machine that the lab made for the address that the
 * connection names, and nowhere else. `delete` runs with the standard input of the last `create` or `update`; SSH's own
 * part, keys and log-in, is not simulated. Commands on one machine run one after the other. A machine of a stack begins
 * and joins its cluster in `world`.
 */
export function remoteCommand(folder: string, world?: MachineWorld): ResourceKind {
  const turns = inTurn();
  const inPlace = { inPlace: true } as const;
  const text = { shape: Shape.Text, ...inPlace };
  const run = async (state: Properties, command: string | undefined): Promise<Properties> => {
    if (command === undefined) return { stdout: "", stderr: "" };
    const host = hostOf(state);
    return turns(host, () => runCommand({ folder, host, world }, state, command));
  };
  return {
    inputs: {
      addPreviousOutputInEnv: { shape: Shape.Flag, ...inPlace },
      connection: { shape: Shape.Record, required: true, ...inPlace },
      create: text,
      delete: text,
      environment: { shape: Shape.TextMap, ...inPlace },
      logging: { ...text, allowed: LOGGING },
      stdin: text,
      triggers: { shape: Shape.TextList },
      update: text,
    },
    outputs: ["stderr", "stdout"],
    secrets: [],
    create: async (inputs) => ({
      id: randomUUID(),
      outputs: await run(inputs, optionalText(inputs, "create")),
    }),
    change: (_state, inputs) =>
      run(inputs, optionalText(inputs, "update") ?? optionalText(inputs, "create")),
    remove: async (state) => {
      await run(state, optionalText(state, "delete"));
    },
  };
}

function hostOf({ connection }: Properties): string {
  return String(isProperties(connection) ? connection.host : undefined);
}

/** Where a command runs. */
interface Place {
  /** Folder of all machines. */
  folder: string;
  /** Address of the machine. */
  host: string;
  world: MachineWorld | undefined;
}

async function runCommand(
  { folder, host, world }: Place,
  state: Properties,
  command: string,
): Promise<Properties> {
  const all = machines(folder);
  const machine = all.find(host);
  const { cluster } = machine;
  const line = cluster && world && k3sLine(all, machine, cluster, world);
  const ended = await runOn(machine, command, optionalText(state, "stdin"), line);
  if (cluster && world) await leaveIfGone(all, machine, cluster, world);
  const { code, stdout, stderr } = ended;
  if (code !== 0) {
    const message = `Process exited with status ${code}: running ${JSON.stringify(command.slice(0, 40))}...:\n${stderr}${stdout}`;
    throw new RpcError(grpc.status.UNKNOWN, message);
  }
  return { stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
}
