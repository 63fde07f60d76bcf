import { LabError } from "../../lab-error";
import { DEFAULT_NODE, startNode, stopNode } from "../../node/node";
import { nodeNames } from "../../node/record";
import { nodeStates } from "../../node/status";
import { withProgress } from "../../progress";

/** Usage of `npm run lab -- node`. */
export const NODE_USAGE = `npm run lab -- node start [NAME]   start a real node (kubelet, containerd) and join it to the lab
npm run lab -- node stop [NAME]    take it, or all of them, away
`;

/** `npm run lab -- node start|stop [NAME]`: real nodes beside the simulated ones. */
export async function runNode(state: string, args: readonly string[]): Promise<number> {
  const [command, name, ...rest] = args;
  if (rest.length > 0)
    throw new LabError(`node: unexpected ${rest.join(" ")}`, { hint: NODE_USAGE });
  switch (command) {
    case "start":
      await withProgress(`node ${name ?? DEFAULT_NODE}`, () =>
        startNode(state, name === undefined ? {} : { name }),
      );
      process.stdout.write(
        nodeStates(state)
          .map(({ text }) => `${text}\n`)
          .join(""),
      );
      return 0;
    case "stop":
      for (const one of name === undefined ? nodeNames(state) : [name]) await stopNode(state, one);
      return 0;
    default:
      process.stderr.write(NODE_USAGE);
      return command === undefined || command === "help" || command === "--help" ? 0 : 2;
  }
}
