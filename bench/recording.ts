import { reveal } from "./critical-path/state";

/** One resource of a recorded run, as the flat program registers it. */
export interface RecordedResource {
  urn: string;
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** Names of the inputs that are, or hold, secrets. */
  secrets: string[];
  /** URNs of what it depends on. */
  dependencies: string[];
  timeouts?: Record<string, string>;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Reads the custom resources, apart from providers, out of a state exported with --show-secrets. */
export function recordingOf(exported: string): RecordedResource[] {
  const state: any = JSON.parse(exported);
  return state.deployment.resources
    .filter(({ custom, type }: any) => custom && !type.startsWith("pulumi:providers:"))
    .map((resource: any) => ({
      urn: resource.urn,
      type: resource.type,
      name: resource.urn.split("::").slice(3).join("::"),
      inputs: reveal(withoutInternals(resource.inputs)),
      secrets: Object.keys(resource.inputs).filter((key) => holdsSecret(resource.inputs[key])),
      dependencies: resource.dependencies ?? [],
      ...(resource.customTimeouts && { timeouts: resource.customTimeouts }),
    }));
}

function withoutInternals(inputs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));
}

function holdsSecret(value: any): boolean {
  if (typeof value !== "object" || value === null) return false;
  return SIGNATURE in value || Object.values(value).some(holdsSecret);
}
