import { parseArgs } from "node:util";
import { LabError } from "../lab-error";

/** What `up`, `status` and `down` can be told. */
export interface StackArguments {
  /** A context of the user's kubeconfig to use instead of the lab. */
  context?: string | undefined;
  /** Prints JSON for programs. Defaults to false. */
  json: boolean;
  /** Removes caches and state too. Defaults to false. */
  all: boolean;
  help: boolean;
}

/** Reads a command's arguments. Errors: LabError for any but those in `allowed`, with the usage. */
export function stackArguments(
  args: string[],
  usage: string,
  allowed: readonly ("context" | "json" | "all")[],
): StackArguments {
  try {
    const { values } = parseArgs({
      args,
      options: {
        ...(allowed.includes("context") && { context: { type: "string" } as const }),
        ...(allowed.includes("json") && { json: { type: "boolean" } as const }),
        ...(allowed.includes("all") && { all: { type: "boolean" } as const }),
        help: { type: "boolean", short: "h" },
      },
    });
    return {
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
