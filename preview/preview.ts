import type {
  EngineEvent,
  StepEventMetadata,
  StepEventStateMetadata,
} from "@pulumi/pulumi/automation/events";
import { isStateful } from "../policy/stateful-kinds";
import { propertyChanges, type PropertyChange } from "./properties";
import { urnName, urnType } from "./urn";

/** What becomes of a resource. Ordered by how much it can cost. */
export const Action = {
  /** Deleted, and made anew. */
  Replace: "replace",
  Delete: "delete",
  Update: "update",
  Create: "create",
  /** Taken over as it is. */
  Import: "import",
} as const;
export type Action = (typeof Action)[keyof typeof Action];

/** One resource that a preview would change. */
export interface Change {
  action: Action;
  urn: string;
  type: string;
  name: string;
  /** URN of the component right below the stack that it belongs to; of itself where that is no component's. */
  component: string;
  /** Its loss loses what cannot be made again. */
  stateful: boolean;
  /** Pulumi refuses to delete it. */
  protected: boolean;
  /** Left where it is when it goes out of the stack. */
  retained: boolean;
  /** Properties that force the replacement. */
  reasons: string[];
  properties: PropertyChange[];
}

/** What a policy found. */
export interface Violation {
  /** Fails the preview; else it only warns. */
  mandatory: boolean;
  policy: string;
  /** Logical name of the resource; empty for the whole stack. */
  resource: string;
  message: string;
}

/** A preview, as far as people must judge it. */
export interface Preview {
  changes: Change[];
  unchanged: number;
  /** Types of the components and of whatever else holds resources, by URN. */
  parents: ReadonlyMap<string, string>;
  violations: Violation[];
  /** What the engine and the program said went wrong, besides that the preview failed. */
  errors: string[];
  warnings: string[];
  /** An update would be refused as well. */
  failed: boolean;
  /** The engine came to its end; else it was stopped or killed. */
  finished: boolean;
}

/** Folds the engine's events to what changes. Pure. */
export function foldPreview(events: readonly EngineEvent[]): Preview {
  const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  const parents = new Map(steps.map((step) => [step.urn, stateOf(step)?.parent ?? ""] as const));
  const changes = new Map<string, Change>();
  for (const step of steps) {
    const action = actions[step.op];
    const before = changes.get(step.urn);
    if (action === undefined) continue;
    // A replacement comes in several steps, of which the one that compares says the most.
    const change = changeOf(step, action, parents);
    const kept = before && before.properties.length >= change.properties.length ? before : change;
    changes.set(step.urn, { ...kept, action: worse(before?.action, action) });
  }
  const same = steps.filter(({ op, type }) => op === "same" && type !== STACK);
  return {
    changes: [...changes.values()],
    unchanged: same.length,
    parents,
    violations: events.flatMap(violationOf),
    errors: messages(events, "error").filter((text) => text !== "error: preview failed"),
    warnings: messages(events, "warning"),
    failed: messages(events, "error").length > 0,
    finished: events.some(({ summaryEvent }) => summaryEvent !== undefined),
  };
}

const STACK = "pulumi:pulumi:Stack";

// Steps that change nothing of the world (same, read, refresh, ...) have no entry.
const actions: Readonly<Partial<Record<string, Action>>> = {
  create: Action.Create,
  update: Action.Update,
  delete: Action.Delete,
  replace: Action.Replace,
  "create-replacement": Action.Replace,
  "delete-replaced": Action.Replace,
  import: Action.Import,
  "import-replacement": Action.Replace,
};

const order: readonly Action[] = Object.values(Action);

function worse(one: Action | undefined, other: Action): Action {
  if (one === undefined) return other;
  return order.indexOf(one) < order.indexOf(other) ? one : other;
}

function stateOf({ new: after, old: before }: StepEventMetadata) {
  return after ?? before;
}

function changeOf(
  step: StepEventMetadata,
  action: Action,
  parents: ReadonlyMap<string, string>,
): Change {
  const state: Partial<StepEventStateMetadata> = step.old ?? step.new ?? {};
  return {
    action,
    urn: step.urn,
    type: step.type,
    name: urnName(step.urn),
    component: componentOf(step.urn, parents),
    stateful: isStateful(step.type),
    protected: state.protect ?? false,
    retained: state.retainOnDelete ?? false,
    reasons: step.keys ?? [],
    properties: propertyChanges(step),
  };
}

/** The ancestor right below the stack. A cycle is no engine's, but it must not hang us. */
function componentOf(urn: string, parents: ReadonlyMap<string, string>): string {
  const seen = new Set<string>();
  let current = urn;
  while (!seen.has(current)) {
    seen.add(current);
    const parent = parents.get(current) ?? "";
    if (parent === "" || urnType(parent) === STACK) return current;
    current = parent;
  }
  return current;
}

function violationOf({ policyEvent: found }: EngineEvent): Violation[] {
  if (found === undefined) return [];
  return [
    {
      mandatory: found.enforcementLevel === "mandatory",
      policy: `${found.policyPackName}/${found.policyName}`,
      resource: found.resourceUrn === undefined ? "" : urnName(found.resourceUrn),
      message: plain(found.message),
    },
  ];
}

function messages(events: readonly EngineEvent[], severity: "error" | "warning"): string[] {
  return events.flatMap(({ diagnosticEvent: said }) =>
    said?.severity === severity && !said.ephemeral ? [clean(said)] : [],
  );
}

function clean({ message, prefix = "" }: { message: string; prefix?: string }): string {
  return plain(prefix + message).trim();
}

/** The engine marks colours as `<{%reset%}>`. */
function plain(text: string): string {
  return text.replaceAll(/<\{%[^%]*%\}>/g, "");
}
