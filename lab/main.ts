import { handleSignals, Interrupted } from "./commands/signals";
import { LabError } from "./lab-error";

/** The commands of the repository, each in a file of its own that exports `run`. */
const commands = ["up", "status", "down", "lab", "preview", "test", "check", "bench"] as const;

interface Command {
  run(args: string[]): Promise<number>;
}

// Loaded when called: `up` needs far more than `lab env`.
function load(name: (typeof commands)[number]): Command {
  // oxlint-disable-next-line typescript/no-require-imports
  const command: unknown = require(`./commands/${name}`);
  if (isCommand(command)) return command;
  throw new Error(`lab/commands/${name}.ts exports no run`);
}

function isCommand(value: unknown): value is Command {
  return (
    typeof value === "object" && value !== null && "run" in value && typeof value.run === "function"
  );
}

async function main([name, ...args]: string[]): Promise<number> {
  const known = commands.find((command) => command === name);
  if (known) return load(known).run(args);
  throw new LabError(
    name === undefined ? "no command given" : `unknown command ${JSON.stringify(name)}`,
    { hint: `commands: ${commands.join(", ")}` },
  );
}

function report(error: unknown): void {
  if (error instanceof Interrupted) {
    process.stderr.write(`${error.message}\n`);
    return;
  }
  if (!(error instanceof LabError)) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? "") : String(error)}\n`);
    return;
  }
  process.stderr.write(`${error.message}\n`);
  if (error.hint !== undefined) process.stderr.write(`${error.hint}\n`);
}

handleSignals();

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    report(error);
    process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
  },
);
