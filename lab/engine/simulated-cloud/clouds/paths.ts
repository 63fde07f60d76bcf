import { isProperties, type Properties } from "../../grpc/wire";

/** The values at a path of dotted names, `[*]` for each item of a list: `vpcConfig.subnetIds[*]`. */
export function valuesAt(value: unknown, path: string): unknown[] {
  return stepsOf(path).reduce<unknown[]>(
    (values, step) => values.flatMap((value) => follow(value, step)),
    [value],
  );
}

/** The one value at a path without lists; undefined where there is none. */
export function valueAt(value: unknown, path: string): unknown {
  return valuesAt(value, path)[0];
}

/** The text at a path, "" where there is none. */
export function textAt(value: unknown, path: string): string {
  const found = valueAt(value, path);
  return typeof found === "string" || typeof found === "number" ? String(found) : "";
}

/** A copy with the value at a path of dotted names replaced; what is missing on the way is made. */
export function withValue(target: Properties, path: string, value: unknown): Properties {
  const [step = "", ...rest] = stepsOf(path);
  if (rest.length === 0) return { ...target, [step]: value };
  const [next = ""] = rest;
  const below = target[step];
  if (next === "[*]" || /^\[\d+\]$/.test(next)) {
    const items: unknown[] = Array.isArray(below) && below.length > 0 ? below : [{}];
    const tail = rest.slice(1).join(".");
    const placed = items.map((item) =>
      tail === "" ? value : withValue(isProperties(item) ? item : {}, tail, value),
    );
    return { ...target, [step]: placed };
  }
  return { ...target, [step]: withValue(isProperties(below) ? below : {}, rest.join("."), value) };
}

// Names and list marks in turn: `a.b[*].c` is a, b, [*], c.
function stepsOf(path: string): string[] {
  return path
    .replace(/\[/g, ".[")
    .split(".")
    .filter((step) => step !== "");
}

function follow(value: unknown, step: string): unknown[] {
  if (step === "[*]") return Array.isArray(value) ? value : [];
  const index = /^\[(\d+)\]$/.exec(step)?.[1];
  if (index !== undefined)
    return Array.isArray(value) ? value.slice(Number(index), Number(index) + 1) : [];
  const found = isProperties(value) ? value[step] : undefined;
  return found === undefined || found === null ? [] : [found];
}
