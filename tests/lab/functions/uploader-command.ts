import type { ChildProcess } from "node:child_process";
import * as path from "node:path";
import { NODE_OPTIONS } from "../../../components/trace-uploader/environment";
import type { Report } from "../../../functions/trace-uploader/core";
import { repository } from "../../support/source-files";
import { peakMemoryMib } from "./peak-memory";
import { runScript } from "./uploader-world";

/** The bundle of the CronJob, as it is committed and deployed, to be run by a script. */
export const COMMAND = `require(${JSON.stringify(
  path.join(repository, "components/trace-uploader/bundles/command.js"),
)});`;

/** Has a process print its peak memory as it ends. */
const TELL_MEMORY = `process.on("exit", () => {
  console.log(JSON.stringify({ mostMemoryMib: (${peakMemoryMib.toString()})() }));
});`;

/** A run of the command, with Node.js set as the components set it. */
export interface CommandRun {
  child: ChildProcess;
  ended: Promise<CommandEnd>;
}

/** What became of it. */
export interface CommandEnd {
  report: Report;
  /** Most resident memory, MiB. */
  mostMemoryMib: number;
}

/** Starts the command; its end is an error where it does not end well, with all that it said. */
export function startCommand(environment: Record<string, string>): CommandRun {
  const { child, ended } = runScript(TELL_MEMORY + COMMAND, { NODE_OPTIONS, ...environment });
  const end = async (): Promise<CommandEnd> => {
    const { code, output } = await ended;
    if (code !== 0) throw new Error(`the command ended with ${code}; it said:\n${output}`);
    const [report = "", memory = ""] = output.split("\n");
    return { report: JSON.parse(report), ...JSON.parse(memory) };
  };
  return { child, ended: end() };
}
