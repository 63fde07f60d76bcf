import * as path from "node:path";
import { repository, runChild } from "./child";
import { nodeArguments } from "../node-command";

/** `npm run bench`: the benchmarks of bench/, in the lab. Arguments name the ones to run. */
export async function run(args: string[]): Promise<number> {
  const main = path.join(repository, "bench", "main.ts");
  const { code } = await runChild(process.execPath, nodeArguments(main, ...args));
  return code;
}
