const suffixes: Record<string, number> = {
  ...{ "": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** The value of a Kubernetes quantity (`500m`, `1Gi`, `1e3`, 2); undefined if it is none. */
export function quantityValue(quantity: unknown): number | undefined {
  if (typeof quantity === "number") return quantity;
  if (typeof quantity !== "string") return undefined;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([numkMGTPE]?|[KMGTPE]i)$/.exec(
    quantity,
  );
  const factor = suffixes[match?.[2] ?? "none"];
  return match && factor !== undefined ? Number(match[1]) * factor : undefined;
}

// Fields whose values, one level down or themselves, the server rewrites into canonical quantities.
const quantityMaps = new Set([
  ...["limits", "requests", "capacity", "hard", "overhead", "max", "min", "default"],
  ...["defaultRequest", "maxLimitRequestRatio"],
]);
const quantityFields = new Set(["sizeLimit", "divisor", "averageValue"]);

/** Says whether the server keeps a quantity at this path, and may therefore write it in another way. */
export function isQuantityPath(path: readonly (string | number)[]): boolean {
  const last = path.at(-1);
  const parent = path.at(-2);
  if (path[0] !== "spec" || typeof last !== "string") return false;
  return quantityFields.has(last) || (typeof parent === "string" && quantityMaps.has(parent));
}
