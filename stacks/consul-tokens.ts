import { type Fault, type Planned, planned } from "../components/shared/faults";

/** The secret key of a stack's file, from the name of a group of workers to its token. */
export const TOKENS_KEY = "kvm-fabric:consulTokens";

/** The command that sets the token of a group. */
export function setToken(group: string): string {
  return `\`pulumi config set --secret --path '${TOKENS_KEY}.${group}'\``;
}

/**
 * Checks the tokens of an external Consul: an object from text to text, or nothing. No fault shows a value,
 * nor its length or kind: whatever stands here was meant to be secret. Pure.
 */
export function parseTokens(raw: unknown = {}): Planned<Record<string, string>> {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    const allowed = "an object from the name of a group of workers to its token";
    const faults = [
      { path: TOKENS_KEY, problem: "not an object", allowed, fix: setToken("GROUP") },
    ];
    return { ok: false, faults };
  }
  const entries: [string, unknown][] = Object.entries(raw);
  const tokens = entries.flatMap(([group, token]) =>
    isToken(token) ? [[group, token] as const] : [],
  );
  const faults = entries.filter(([, token]) => !isToken(token)).map(([group]) => tokenFault(group));
  return planned(faults, () => Object.freeze(Object.fromEntries(tokens)));
}

/** A token travels in a header of HTTP. */
function isToken(value: unknown): value is string {
  return typeof value === "string" && /^[!-~]+$/.test(value);
}

function tokenFault(group: string): Fault {
  return {
    path: `${TOKENS_KEY}.${group}`,
    problem: "not a token",
    allowed: "a text of printable characters without spaces",
    fix: setToken(group),
  };
}
