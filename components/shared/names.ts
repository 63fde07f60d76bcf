import { createHash } from "node:crypto";
import type { Fault } from "./faults";

/** The longest name of an object whose name becomes a DNS label or a label value. */
export const LONGEST_NAME = 63;

/**
 * Joins the parts of an object's name with dashes. A name over the limit keeps its beginning and ends
 * in eight hexadecimal digits of its own hash, so two long names never meet.
 *
 * Names are a function of the component's logical name alone: an interrupted update can then always be
 * taken up again, since every object that it left behind is found under the name it is looked for.
 */
export function objectName(parts: readonly string[], longest: number = LONGEST_NAME): string {
  const whole = parts.join("-");
  if (whole.length <= longest) return whole;
  const hash = createHash("sha256").update(whole).digest("hex").slice(0, 8);
  return `${whole.slice(0, longest - 9).replace(/-+$/, "")}-${hash}`;
}

/** The longest logical name that leaves object names which become DNS labels room for their suffixes. */
const LONGEST_INSTANCE = 40;

/** Checks the logical name of an instance whose objects' names have suffixes. */
export function instanceNameFaults(name: string): Fault[] {
  const faults = nameFaults("name", name);
  if (faults.length > 0 || name.length <= LONGEST_INSTANCE) return faults;
  const allowed = `1 to ${String(LONGEST_INSTANCE)} characters`;
  return [{ path: "name", problem: "too long", got: name, allowed }];
}

/** Checks that a component's logical name can begin the names of Kubernetes objects. */
export function nameFaults(path: string, name: string): Fault[] {
  if (/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name) && name.length <= LONGEST_NAME) return [];
  return [
    {
      path,
      problem: "cannot begin the name of a Kubernetes object",
      got: name,
      allowed: `a-z, 0-9 and -, first a letter, last not a dash, at most ${String(LONGEST_NAME)} characters`,
    },
  ];
}
