import { createRequire } from "node:module";
import path from "node:path";
import { isProperties } from "../grpc/wire";

/**
 * Finds a file of the SDK that the program itself has installed, so that program and runner share one copy.
 * Throws the message the CLI's users know when there is none.
 */
export function resolveSdk(module: string, programDirectory: string, install = "pulumi install") {
  try {
    return createRequire(path.join(programDirectory, "noop.js")).resolve(module);
  } catch (error) {
    if (isProperties(error) && error.code === "MODULE_NOT_FOUND") {
      throw new Error(
        `It looks like the Pulumi SDK has not been installed. Have you run ${install}?`,
        { cause: error },
      );
    }
    throw error;
  }
}
