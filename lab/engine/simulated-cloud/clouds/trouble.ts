import type { CloudSettings, FaultRule } from "./settings";

/** A call on a resource, or of a function. */
export interface CloudCall {
  operation: "check" | "create" | "read" | "update" | "delete" | "invoke";
  type: string;
  name: string;
}

/** What the settings make of a call. */
export interface Trouble {
  fault?: FaultRule;
  /** Refusals for too many requests that the provider hides by repeating. */
  hiddenRefusals: number;
  /** The refusal that it does not hide. */
  refusal?: string;
}

/** Decides, call by call, what goes wrong. Counts start anew with each change of the settings. */
export function troubleMaker(settings: () => CloudSettings): (call: CloudCall) => Trouble {
  let current: CloudSettings | undefined;
  let counts = new Map<object, number>();
  const count = (rule: object): number => {
    const calls = (counts.get(rule) ?? 0) + 1;
    counts.set(rule, calls);
    return calls;
  };
  return (call) => {
    if (settings() !== current) {
      current = settings();
      counts = new Map();
    }
    const fault = current.faults
      .filter((rule) => applies(rule, call))
      .map((rule) => ({ rule, calls: count(rule) }))
      .find(({ rule, calls }) => calls >= rule.nth && calls < rule.nth + rule.times)?.rule;
    return { ...(fault && { fault }), ...throttled(current, call, count) };
  };
}

function throttled(
  settings: CloudSettings,
  call: CloudCall,
  count: (rule: object) => number,
): Pick<Trouble, "hiddenRefusals" | "refusal"> {
  const rule = settings.throttling.find((rule) => applies(rule, call));
  if (!rule) return { hiddenRefusals: 0 };
  const isFirst = count(rule) % (rule.refusals + 1) !== 0;
  if (!rule.surfaces) return { hiddenRefusals: rule.refusals };
  return { hiddenRefusals: 0, ...(isFirst && { refusal: throttleText(call.type) }) };
}

// The clouds' own words (see the notes on throttling of the providers' issue trackers).
function throttleText(type: string): string {
  if (type.startsWith("aws:")) return "ThrottlingException: Request limit exceeded.";
  if (type.startsWith("gcp:"))
    return "Error 429: Quota exceeded for quota metric, rateLimitExceeded";
  return 'Code="TooManyRequests" Message="The request is being throttled."';
}

function applies(rule: { match: string; operation: string }, call: CloudCall): boolean {
  if (rule.operation !== call.operation) return false;
  return new RegExp(rule.match).test(`${call.type} ${call.name}`);
}
