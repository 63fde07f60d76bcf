/** One resource of an exported state, as far as order and time go. Secrets are plain in it. */
export interface StateResource {
  urn: string;
  type: string;
  /** Logical name. */
  name: string;
  id: string;
  custom: boolean;
  inputs: Record<string, any>;
  outputs: Record<string, any>;
  /** URNs of what must stand before it: what it depends on, its parent and its provider. */
  after: string[];
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Reads the resources out of a state exported with --show-secrets, in the order in which they were registered. */
export function resourcesOf(exported: string): StateResource[] {
  const state: any = JSON.parse(exported);
  return state.deployment.resources
    .filter(({ type }: any) => type !== "pulumi:pulumi:Stack")
    .map((resource: any) => ({
      urn: resource.urn,
      type: resource.type,
      name: resource.urn.split("::").slice(3).join("::"),
      id: resource.id ?? "",
      custom: resource.custom,
      inputs: reveal(resource.inputs ?? {}),
      outputs: reveal(resource.outputs ?? {}),
      after: edgesOf(resource),
    }));
}

function edgesOf(resource: any): string[] {
  const byProperty: string[][] = Object.values(resource.propertyDependencies ?? {}).map(
    (urns: any) => urns ?? [],
  );
  const provider = resource.provider?.split("::").slice(0, -1).join("::");
  const urns = [resource.parent, provider, ...(resource.dependencies ?? []), ...byProperty.flat()];
  return [...new Set(urns)].filter(
    (urn): urn is string => typeof urn === "string" && urn !== "" && urn !== resource.urn,
  );
}

/** The value with every secret taken out of the engine's wrapping. */
export function reveal(value: any): any {
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value;
  if (SIGNATURE in value) return reveal(JSON.parse(value.plaintext));
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, reveal(entry)]));
}
