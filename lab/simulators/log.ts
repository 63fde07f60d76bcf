/** Takes one line for the simulators' log. */
export type Log = (line: string) => void;

/** Writes lines with the time to standard error, where the lab's daemons log. */
export const stderrLog: Log = (line) => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
};
