import { fitting, LONGEST_BODY, sizeOf } from "./budget";
import { block, code, count } from "./escape";
import { componentPicture } from "./mermaid";
import { Action, type Change, type Preview, type Violation } from "./preview";
import type { PropertyChange } from "./properties";
import { urnName, urnType } from "./urn";

/** The mark by which a later run finds the comment of a stack, and edits it instead of writing another. */
export function commentMark(stack: string): string {
  return `<!-- kvm-fabric preview of ${stack.replaceAll(/[^\w.-]/g, "_")} -->`;
}

/**
 * Renders a preview as the body of a pull request's comment, under GitHub's limit: what costs most first. Pure.
 */
export function renderPreview(stack: string, preview: Preview): string {
  const head = [
    commentMark(stack),
    `### Preview of ${code(stack)}`,
    summary(preview),
    ...failures(preview),
    losses(preview.changes),
  ].filter((part) => part !== "");
  const picture = componentPicture(preview);
  const parts = [head.join("\n\n"), picture].filter((part) => part !== "").join("\n\n");
  const room = LONGEST_BODY - sizeOf(parts) - 2;
  const details = fitting(componentSections(preview), room, "component");
  return details === "" ? parts : `${parts}\n\n${details}`;
}

/** Renders what there is to say where the engine's events cannot be read, or there are none. */
export function renderFailure(stack: string, problem: string, output: string): string {
  const last = output.trimEnd().slice(-LONGEST_OUTPUT);
  return [
    commentMark(stack),
    `### Preview of ${code(stack)}`,
    `**The preview failed:** ${problem}. What it would have changed is not known.`,
    ...(last === "" ? [] : ["The last that it printed:", block(last)]),
  ].join("\n\n");
}

const LONGEST_OUTPUT = 8_000;
const MOST_MESSAGES = 10;
const LONGEST_MESSAGE = 1_500;

function summary(preview: Preview): string {
  const { changes, unchanged, finished } = preview;
  const words: Record<Action, string> = {
    [Action.Replace]: "replaced",
    [Action.Delete]: "deleted",
    [Action.Update]: "changed",
    [Action.Create]: "created",
    [Action.Import]: "imported",
  };
  const counts = Object.values(Action).flatMap((action) => {
    const number = changes.filter((change) => change.action === action).length;
    if (number === 0) return [];
    const text = `${String(number)} ${words[action]}`;
    return [isLoss(action) ? `**${text}**` : text];
  });
  const all = [...counts, `${String(unchanged)} unchanged`].join(", ");
  if (preview.failed) return `**The preview failed.** Until then: ${all}.`;
  if (!finished) return `**The preview did not come to its end.** Until then: ${all}.`;
  return changes.length === 0 ? `Nothing changes: ${all}.` : `${all}.`;
}

function failures({ errors, warnings, violations }: Preview): string[] {
  const refused = violations.filter(({ mandatory }) => mandatory);
  const advised = violations.filter(({ mandatory }) => !mandatory);
  return [
    messages("error", errors),
    findings("policy violation", refused),
    findings("policy warning", advised),
    messages("warning", warnings),
  ];
}

function messages(noun: string, texts: readonly string[]): string {
  if (texts.length === 0) return "";
  const shown = texts.slice(0, MOST_MESSAGES).map((text) => block(text.slice(0, LONGEST_MESSAGE)));
  return [`**${count(texts.length, noun)}**`, ...shown, ...left(texts.length, noun)].join("\n\n");
}

function findings(noun: string, all: readonly Violation[]): string {
  if (all.length === 0) return "";
  const lines = all.slice(0, MOST_MESSAGES).map(({ policy, resource, message }) => {
    const where = resource === "" ? "" : ` ${code(resource)}:`;
    return `- ${code(policy)}${where} ${code(message, 400)}`;
  });
  return [`**${count(all.length, noun)}**`, lines.join("\n"), ...left(all.length, noun)].join(
    "\n\n",
  );
}

function left(length: number, noun: string): string[] {
  return length > MOST_MESSAGES
    ? [`${count(length - MOST_MESSAGES, `more ${noun}`)} not shown here.`]
    : [];
}

function isLoss(action: Action): boolean {
  return action === Action.Replace || action === Action.Delete;
}

/** What goes: stateful kinds first, each with why. */
function losses(changes: readonly Change[]): string {
  const lost = changes.filter(({ action }) => isLoss(action));
  if (lost.length === 0) return "";
  const sorted = [...lost].sort((one, other) => Number(other.stateful) - Number(one.stateful));
  const rows = sorted.map((change) => {
    const reasons = change.reasons.map((reason) => code(reason)).join(", ");
    const guards = [change.protected && "protected", change.retained && "retained"].filter(Boolean);
    return `| ${change.action} | ${code(change.name)} | ${code(change.type)} | ${
      change.stateful ? "**stateful**" : ""
    } | ${guards.join(", ")} | ${reasons} |`;
  });
  const stateful = lost.filter((change) => change.stateful && !change.retained).length;
  const warning =
    stateful > 0
      ? `> [!CAUTION]\n> ${count(stateful, "resource")} that cannot be made again would be lost.\n\n`
      : "";
  const header = "| | resource | type | | guards | because of |\n|---|---|---|---|---|---|";
  return `${warning}${header}\n${fitting(rows, LONGEST_BODY / 4, "resource")}`;
}

/** A folded section for each component, the costliest first. */
function componentSections(preview: Preview): string[] {
  const groups = new Map<string, Change[]>();
  for (const change of preview.changes) {
    groups.set(change.component, [...(groups.get(change.component) ?? []), change]);
  }
  const worst = (changes: readonly Change[]) =>
    Math.min(...changes.map(({ action }) => Object.values(Action).indexOf(action)));
  return [...groups]
    .sort(([, one], [, other]) => worst(one) - worst(other))
    .map(([urn, changes]) => section(urn, changes));
}

const MOST_PROPERTIES = 40;
const LONGEST_SECTION = LONGEST_BODY / 4;

function section(urn: string, changes: readonly Change[]): string {
  const type = urnType(urn).split(":").at(-1) ?? "";
  const title = `${html(urnName(urn))} (${html(type)}): ${count(changes.length, "change")}`;
  const lines = changes.map(changeLines);
  const body = fitting(lines, LONGEST_SECTION, "resource");
  return `<details><summary>${title}</summary>\n\n${block(body, "diff")}\n\n</details>`;
}

/** Within a block for differences: its marks say the action, also to those who see no colours. */
function changeLines({ action, type, name, properties }: Change): string {
  const marks: Record<Action, string> = {
    [Action.Replace]: "- replace",
    [Action.Delete]: "- delete ",
    [Action.Update]: "! update ",
    [Action.Create]: "+ create ",
    [Action.Import]: "+ import ",
  };
  const shown = properties.slice(0, MOST_PROPERTIES).flatMap(propertyLines);
  const rest = properties.length - MOST_PROPERTIES;
  const more = rest > 0 ? [`      ${String(rest)} more of its properties`] : [];
  return [`${marks[action]} ${oneLine(type)} ${oneLine(name)}`, ...shown, ...more].join("\n");
}

function propertyLines({ path, before, after, replaces }: PropertyChange): string[] {
  const why = replaces ? "   # forces the replacement" : "";
  return [
    ...(before === undefined ? [] : [`-     ${oneLine(path)}: ${oneLine(before)}${why}`]),
    ...(after === undefined ? [] : [`+     ${oneLine(path)}: ${oneLine(after)}${why}`]),
  ];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

function html(text: string): string {
  const safe = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  // A zero-width space keeps a name from mentioning somebody.
  return oneLine(safe)
    .replaceAll("@", "@\u200b")
    .replaceAll(/[`*_[\]|~]/g, "\\$&");
}
