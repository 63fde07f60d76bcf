import fs from "node:fs";
import type { CloudCall } from "./trouble";

/** One call as the log keeps it: a line of JSON. */
export interface LoggedCall extends CloudCall {
  /** When it was answered, in ISO 8601. */
  time: string;
  urn: string;
  /** `done`, or the error's text. */
  outcome: string;
  /** What a cloud would not have said: boot data that no node can join with, repeated calls. */
  notes?: string[];
}

/** A log of calls; without a file they are dropped. */
export function requestLog(file?: string): (call: LoggedCall) => void {
  return (call) => {
    if (file !== undefined) fs.appendFileSync(file, `${JSON.stringify(call)}\n`, { mode: 0o600 });
  };
}
