import { resourcesOf, reveal, type StateResource } from "./critical-path/state";
import { type Linked, linked } from "./links";

/** One resource of a recorded run, as the flat program registers it. */
export interface RecordedResource {
  urn: string;
  type: string;
  name: string;
  /** Inputs, in which what other resources answered with refers to them. */
  inputs: Record<string, Linked>;
  /** Names of the inputs that are, or hold, secrets. */
  secrets: string[];
  /** URNs of what it depends on. */
  dependencies: string[];
  /** URN of its provider. */
  provider: string;
  timeouts?: Record<string, string>;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";

/**
 * Reads the custom resources and the explicit providers out of a state exported with --show-secrets, each with the
 * references that a program without components would write.
 */
export function recordingOf(exported: string): RecordedResource[] {
  const raw: any[] = JSON.parse(exported).deployment.resources;
  const byUrn = new Map(resourcesOf(exported).map((resource) => [resource.urn, resource]));
  return raw
    .filter(({ custom, urn }) => custom && !isDefaultProvider(urn))
    .map((resource) => {
      const before = [...allBefore(resource.urn, byUrn)];
      return {
        urn: resource.urn,
        type: resource.type,
        name: resource.urn.split("::").slice(3).join("::"),
        inputs: linked(reveal(withoutInternals(resource.inputs)), before),
        secrets: Object.keys(resource.inputs).filter((key) => holdsSecret(resource.inputs[key])),
        dependencies: before.map(({ urn }) => urn),
        provider: (resource.provider ?? "").split("::").slice(0, -1).join("::"),
        ...(resource.customTimeouts && { timeouts: resource.customTimeouts }),
      };
    });
}

function isDefaultProvider(urn: string): boolean {
  return /pulumi:providers:[\w-]+::default/.test(urn);
}

/** The custom resources that stand before one: by edges of its own, or of the components that it lies in. */
function allBefore(urn: string, byUrn: Map<string, StateResource>): Set<StateResource> {
  const found = new Set<StateResource>();
  for (const key of byUrn.get(urn)?.after ?? []) {
    const before = byUrn.get(key);
    if (before === undefined || before.type.startsWith("pulumi:providers:")) continue;
    if (before.custom) found.add(before);
    else for (const one of allBefore(key, byUrn)) found.add(one);
  }
  return found;
}

function withoutInternals(inputs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));
}

function holdsSecret(value: any): boolean {
  if (typeof value !== "object" || value === null) return false;
  return SIGNATURE in value || Object.values(value).some(holdsSecret);
}
