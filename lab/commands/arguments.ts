import { parseArgs } from "node:util";
import { LabError } from "../lab-error";

/** What `up`, `status` and `down` can be told. */
export interface StackArguments {
  /** A context of the user's kubeconfig to use instead of the lab. */
  context?: string | undefined;
  /** File of the stack's settings. Defaults to `Pulumi.<stack>.yaml`. */
  configFile?: string | undefined;
  /** Name of the stack, as in `Pulumi.<stack>.yaml`. Defaults to dev. */
  stack: string;
  /** Prints JSON for programs. Defaults to false. */
  json: boolean;
  /** Removes caches and state too. Defaults to false. */
  all: boolean;
  help: boolean;
}

/** The stack that the commands are about where none is named. */
export const DEFAULT_STACK = "dev";

// What Pulumi allows, apart from names that would be another folder.
const STACK_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;

/** Reads a command's arguments. Errors: LabError for any but those in `allowed`, with the usage. */
export function stackArguments(
  args: string[],
  usage: string,
  allowed: readonly ("config-file" | "context" | "json" | "all" | "stack")[],
): StackArguments {
  try {
    const { values } = parseArgs({
      args,
      options: {
        ...(allowed.includes("config-file") && { "config-file": { type: "string" } as const }),
        ...(allowed.includes("context") && { context: { type: "string" } as const }),
        ...(allowed.includes("stack") && { stack: { type: "string" } as const }),
        ...(allowed.includes("json") && { json: { type: "boolean" } as const }),
        ...(allowed.includes("all") && { all: { type: "boolean" } as const }),
        help: { type: "boolean", short: "h" },
      },
    });
    const stack = typeof values.stack === "string" ? values.stack : DEFAULT_STACK;
    if (!STACK_NAME.test(stack)) throw new Error(`--stack: no name of a stack, got "${stack}"`);
    return {
      stack,
      configFile: typeof values["config-file"] === "string" ? values["config-file"] : undefined,
      context: typeof values.context === "string" ? values.context : undefined,
      json: values.json === true,
      all: values.all === true,
      help: values.help === true,
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new LabError(problem, { hint: usage, cause: error });
  }
}

/** The flags that lead to the same stack again, as npm takes them; empty for the default. Pure. */
export function stackFlags(stack: string, context?: string): string {
  const flags = [
    ...(stack === DEFAULT_STACK ? [] : [`--stack ${stack}`]),
    ...(context === undefined ? [] : [`--context ${context}`]),
  ];
  return flags.length === 0 ? "" : ` -- ${flags.join(" ")}`;
}
