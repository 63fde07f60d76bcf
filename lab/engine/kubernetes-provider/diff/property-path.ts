/** One step of the way to a property: a key or an index. */
export type Step = string | number;

/** Writes a path the way the engine shows it: `spec.ports[0].port`, `metadata.labels["a.b/c"]`. */
export function formatPath(path: readonly Step[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (step === "" || /[."[\]]/.test(step)) return `${text}["${step.replaceAll('"', '\\"')}"]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** Reads such a path; `*` stands for any key or index. Parts that make no sense are taken as keys. */
export function parsePath(text: string): Step[] {
  const steps: Step[] = [];
  const part = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g;
  for (const [, quoted, index, key] of text.matchAll(part)) {
    if (quoted !== undefined) steps.push(quoted.replaceAll('\\"', '"'));
    else if (index !== undefined) steps.push(index === "*" ? "*" : Number(index));
    else if (key !== undefined) steps.push(key);
  }
  return steps;
}

/** Says whether `path` is the place that `pattern` names, or lies inside it. */
export function isInside(path: readonly Step[], pattern: readonly Step[]): boolean {
  return (
    path.length >= pattern.length && pattern.every((step, at) => step === "*" || step === path[at])
  );
}
