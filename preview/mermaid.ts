import { block, label } from "./escape";
import { Action, type Change, type Preview } from "./preview";
import { urnName, urnType } from "./urn";

/** More components make a picture that nobody can read. */
const MOST_NODES = 30;

/** A picture of the components that something changes in, with what becomes of each; empty where there are none. */
export function componentPicture({ changes, parents }: Preview): string {
  const affected = [...new Set(changes.flatMap(({ urn }) => ancestors(urn, parents)))];
  if (affected.length === 0) return "";
  const shown = affected.slice(0, MOST_NODES);
  const ids = new Map(shown.map((urn, index) => [urn, `c${String(index)}`] as const));
  const lines = shown.flatMap((urn) => {
    const own = changes.filter((change) => ancestors(change.urn, parents)[0] === urn);
    const id = ids.get(urn) ?? "";
    const parent = ids.get(parents.get(urn) ?? "") ?? "stack";
    const words = [label(urnName(urn)), label(className(urn)), ...tally(own)];
    return [
      `  ${id}["${words.join("<br/>")}"]`,
      `  ${parent} --> ${id}`,
      `  class ${id} ${worst(own)}`,
    ];
  });
  const rest = affected.length - shown.length;
  const more = rest > 0 ? [`  more["${String(rest)} more"]`, "  stack --> more"] : [];
  return block(
    ["graph LR", '  stack(["stack"])', ...lines, ...more, ...styles].join("\n"),
    "mermaid",
  );
}

/** The components that hold a resource, from the nearest to the one below the stack; itself where it holds others. */
function ancestors(urn: string, parents: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  let current = parents.get(urn) ?? "";
  while (current !== "" && urnType(current) !== "pulumi:pulumi:Stack" && !found.includes(current)) {
    found.push(current);
    current = parents.get(current) ?? "";
  }
  return found;
}

function className(urn: string): string {
  return urnType(urn).split(":").at(-1) ?? "";
}

function tally(changes: readonly Change[]): string[] {
  const counts = Object.values(Action).flatMap((action) => {
    const number = changes.filter((change) => change.action === action).length;
    return number === 0 ? [] : [`${String(number)} ${action}`];
  });
  return counts.length === 0 ? [] : [counts.join(", ")];
}

function worst(changes: readonly Change[]): string {
  return Object.values(Action).find((action) => changes.some((c) => c.action === action)) ?? "same";
}

// Told apart by the words too: a colour alone says nothing to many.
const styles = [
  "  classDef replace fill:#ffd7d5,stroke:#cf222e,color:#24292f",
  "  classDef delete fill:#ffd7d5,stroke:#cf222e,color:#24292f",
  "  classDef update fill:#fff8c5,stroke:#9a6700,color:#24292f",
  "  classDef create fill:#dafbe1,stroke:#1a7f37,color:#24292f",
  "  classDef import fill:#ddf4ff,stroke:#0969da,color:#24292f",
  "  classDef same fill:#f6f8fa,stroke:#8c959f,color:#24292f",
];
