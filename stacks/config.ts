import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { type Fault, renderFaults } from "../components/shared/faults";
import { issueFaults } from "./issues";
import { parseTokens, TOKENS_KEY } from "./consul-tokens";
import { isSame } from "./part-faults";
import { planFaults } from "./plan-faults";
import { isObject, readingsOf } from "./readings";
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
  const config = new pulumi.Config("kvm-fabric");
  const raw = config.getObject<unknown>("fabric");
  const sshPrivateKey = config.get("sshPrivateKey");
  const result = parseConfig(raw, readTokens(config), new Date(), sshPrivateKey);
  if (result.ok) {
    const consulTokens = secrets(result.plan.consulTokens);
    if (sshPrivateKey === undefined) return { ...result.plan, consulTokens };
    return { ...result.plan, consulTokens, sshPrivateKey: pulumi.secret(sshPrivateKey) };
  }
  const count = result.faults.length === 1 ? "1 fault" : `${String(result.faults.length)} faults`;
  throw new pulumi.RunError(
    renderFaults(`the configuration of stack ${pulumi.getStack()} has ${count}:`, result.faults),
  );
}

/**
 * The tokens of an external Consul, not yet checked. `getObject` would print what is no JSON in its error,
 * and this is secret: such a text is handed on as it is, and refused for not being an object.
 */
function readTokens(config: pulumi.Config): unknown {
  const text = config.get("consulTokens");
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function secrets(tokens: FabricConfig["consulTokens"]): FabricConfig["consulTokens"] {
  const entries = Object.entries(tokens);
  return Object.fromEntries(entries.map(([name, token]) => [name, pulumi.secret(token)] as const));
}

/**
 * Checks a configuration and, beside it, the tokens of an external Consul and the key of machines: the frozen, typed
 * result, or every fault at once. Pure. Its tokens and its key are plain: {@link readConfig} makes them secret.
 */
export function parseConfig(
  raw: unknown,
  rawTokens: unknown = {},
  today: Date = new Date(),
  sshPrivateKey?: string,
): { ok: true; plan: FabricConfig } | { ok: false; faults: Fault[] } {
  if (raw === undefined) {
    const fix = "a copy of Pulumi.dev.yaml for your stack";
    return { ok: false, faults: [{ path: KEY, problem: "missing", allowed: "an object", fix }] };
  }
  const parsed = fabricSchema.safeParse(raw, { reportInput: true });
  const tokens = parseTokens(rawTokens);
  const key = sshPrivateKey === undefined ? {} : { sshPrivateKey };
  if (!parsed.success || !tokens.ok) {
    const issues = parsed.success ? [] : parsed.error.issues;
    const faults = [
      ...issueFaults(KEY, fabricSchema, issues),
      ...(tokens.ok ? [] : tokens.faults),
      ...plannersFaults(
        raw,
        issues,
        { consulTokens: tokens.ok ? tokens.plan : {}, ...key },
        today,
      ).filter(({ path }) => tokens.ok || !path.startsWith(TOKENS_KEY)),
    ];
    return { ok: false, faults: firstOfEach(faults) };
  }
  const config = Object.freeze({ ...deepFreeze(parsed.data), consulTokens: tokens.plan, ...key });
  const faults = planFaults(KEY, config, today);
  return faults.length > 0 ? { ok: false, faults } : { ok: true, plan: config };
}

/** What the planners find in a configuration with faults of its own, whatever was meant where a type is wrong. */
function plannersFaults(
  raw: unknown,
  issues: readonly z.core.$ZodIssue[],
  given: Pick<FabricConfig, "consulTokens" | "sshPrivateKey">,
  today: Date,
): Fault[] {
  const [first = [], ...others] = readingsOf(raw, issues)
    .map((reading) => Object.assign(reading, given))
    .filter(isPlannable)
    .map((config) => planFaults(KEY, config, today));
  return (
    first
      .filter((fault) => others.every((faults) => faults.some((other) => isSame(fault, other))))
      // The parts take their domain from the one key, whose fault the schema has named.
      .filter(({ path }) => !path.endsWith(".domain"))
  );
}

/** A reading of a configuration has no wrong type, but for what throws when it is read. */
function isPlannable(reading: object): reading is FabricConfig {
  return "consulTokens" in reading;
}

/** The schema and the planners share checks: each path's fault is said once. */
function firstOfEach(faults: Fault[]): Fault[] {
  return faults.filter(
    ({ path }, index) => faults.findIndex((other) => other.path === path) === index,
  );
}

function deepFreeze<T>(value: T): T {
  if (isObject(value)) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
