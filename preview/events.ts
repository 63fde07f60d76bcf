import type { EngineEvent } from "@pulumi/pulumi/automation/events";

/** What the engine said during a preview, or why it cannot be read. */
export type ReadEvents = { ok: true; events: EngineEvent[] } | { ok: false; problem: string };

/**
 * Reads an engine's event log: one JSON object a line, as `pulumi preview --event-log` writes it. A log whose last
 * line is cut off is one of a preview that was killed: its whole lines are read.
 */
export function readEvents(text: string): ReadEvents {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return { ok: false, problem: "the engine wrote no events" };
  const events: EngineEvent[] = [];
  for (const [index, line] of lines.entries()) {
    const event = parse(line);
    if (event !== undefined) events.push(event);
    else if (index < lines.length - 1 || events.length === 0) {
      return { ok: false, problem: `line ${String(index + 1)} of the engine's events is no event` };
    }
  }
  return { ok: true, events };
}

function parse(line: string): EngineEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is EngineEvent {
  if (typeof value !== "object" || value === null) return false;
  return "sequence" in value && typeof value.sequence === "number";
}
