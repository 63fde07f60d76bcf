import * as pulumi from "@pulumi/pulumi";
import { type Fault, renderFaults } from "../components/shared/faults";
import { issueFaults } from "./issues";
import { planFaults } from "./plan-faults";
import { type FabricConfig, fabricSchema } from "./schema";

/** The one structured key of a stack's file. */
const KEY = "kvm-fabric:fabric";

/**
 * Reads and checks the stack's configuration: the only place that reads it.
 *
 * Every fault is found and reported in one `RunError`, before any resource exists: unknown keys, wrong
 * types and values, and whatever the components' planners refuse.
 */
export function readConfig(): FabricConfig {
  const raw = new pulumi.Config("kvm-fabric").getObject<unknown>("fabric");
  const result = parseConfig(raw, readConsulTokens());
  if (result.ok) return result.plan;
  const count = result.faults.length === 1 ? "1 fault" : `${String(result.faults.length)} faults`;
  throw new pulumi.RunError(
    renderFaults(`the configuration of stack ${pulumi.getStack()} has ${count}:`, result.faults),
  );
}

/**
 * The tokens of an external Consul: the secret `kvm-fabric:consulTokens`, from the name of a group of workers
 * to its token. Empty where there is none.
 */
function readConsulTokens(): Record<string, pulumi.Output<string>> {
  const tokens = new pulumi.Config("kvm-fabric").getObject<Record<string, string>>("consulTokens");
  const entries = Object.entries(tokens ?? {});
  return Object.fromEntries(entries.map(([name, token]) => [name, pulumi.secret(token)] as const));
}

/** Checks a configuration: the frozen, typed result, or every fault at once. Pure. */
export function parseConfig(
  raw: unknown,
  consulTokens: FabricConfig["consulTokens"] = {},
): { ok: true; plan: FabricConfig } | { ok: false; faults: Fault[] } {
  if (raw === undefined) {
    const fix = "a copy of Pulumi.dev.yaml for your stack";
    return { ok: false, faults: [{ path: KEY, problem: "missing", allowed: "an object", fix }] };
  }
  const parsed = fabricSchema.safeParse(raw, { reportInput: true });
  if (!parsed.success) {
    return { ok: false, faults: issueFaults(KEY, fabricSchema, parsed.error.issues) };
  }
  const config = Object.freeze({ ...deepFreeze(parsed.data), consulTokens });
  const faults = planFaults(KEY, config);
  return faults.length > 0 ? { ok: false, faults } : { ok: true, plan: config };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
