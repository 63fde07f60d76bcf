/**
 * Says whether a stack is one of production: its name, or the last part of it, is one of these. Whoever names stacks
 * otherwise gives `productionStacks` in the pack's configuration.
 */
export function isProduction(
  stack: string,
  productionStacks: readonly string[] = DEFAULT_PRODUCTION,
): boolean {
  return productionStacks.some((name) => stack === name || stack.endsWith(`-${name}`));
}

/** Names of stacks that hold production, or its twin. */
export const DEFAULT_PRODUCTION: readonly string[] = ["prod", "production", "dr"];
