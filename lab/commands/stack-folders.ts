import * as fs from "node:fs";
import * as path from "node:path";
import { withLock } from "../lock";
import { labPaths } from "../paths";
import { DEFAULT_STACK } from "./arguments";

const NAMED = "named-stacks";

/** Folder of the state that belongs to one of the user's contexts. */
export function contextState(context: string): string {
  return path.join(labPaths().state, "contexts", encodeURIComponent(context));
}

/** Folder of the stack's state: the lab's, or that of one of the user's contexts. */
export function stackState(context: string | undefined): string {
  return context === undefined ? labPaths().state : contextState(context);
}

/** Folder of a stack's working copies under a state folder. */
export function stackFolder(state: string, stack: string): string {
  return stack === DEFAULT_STACK ? path.join(state, "stack") : path.join(state, NAMED, stack);
}

/** Says whether a stack was made there and not yet destroyed: its settings stand for it. */
export function hasStack(state: string, stack: string): boolean {
  return fs.existsSync(path.join(stackFolder(state, stack), `settings.${stack}.yaml`));
}

/** Names of the stacks that were made there and not yet destroyed. */
export function madeStacks(state: string): string[] {
  const named = path.join(state, NAMED);
  const names = fs.existsSync(named) ? fs.readdirSync(named) : [];
  return [DEFAULT_STACK, ...names].filter((stack) => hasStack(state, stack));
}

/** Names of the stacks that a command may be at work on, as far as locks tell. */
export function lockedStacks(state: string): string[] {
  return fs.readdirSync(state).flatMap((file) => {
    const [, name] = /^stack(?:-(.+))?\.lock$/.exec(file) ?? [];
    if (name !== undefined) return name;
    return file === "stack.lock" ? DEFAULT_STACK : [];
  });
}

/**
 * Runs a command on a stack while no other does: a second one waits, with a message. The state folder is made if
 * need be. Commands on other stacks go on.
 */
export function withStackLock<T>(state: string, stack: string, body: () => Promise<T>): Promise<T> {
  fs.mkdirSync(state, { recursive: true, mode: 0o700 });
  const file = stack === DEFAULT_STACK ? "stack.lock" : `stack-${stack}.lock`;
  return withLock(path.join(state, file), body, { what: "this stack" });
}

/** {@link withStackLock} for several stacks, in the order of their names so that two such never wait for each other. */
export function withStackLocks<T>(
  state: string,
  stacks: readonly string[],
  body: () => Promise<T>,
): Promise<T> {
  const [first, ...others] = [...stacks].sort();
  if (first === undefined) return body();
  return withStackLock(state, first, () => withStackLocks(state, others, body));
}
