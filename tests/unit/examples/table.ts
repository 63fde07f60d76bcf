import { type Deployment, reveal } from "../../support/deploy";

/** Where a value is found: in the inputs of one deployed resource. */
export interface Place {
  type: string;
  /** Logical name of the resource. */
  name: string;
  /** As in `spec.containers[name=worker].env[name=ROLE].value`, `ports[0].port` or `labels["a.b/c"]`. */
  path: string;
}

/** One fact of a system's document, and what was made of it. */
export interface Row {
  /** First and last line of the document that say it. */
  lines: [number, number];
  /** What it is, in few words. */
  fact: string;
  at: Place;
  /** The value, as the document has it. */
  says: unknown;
  /** Takes what is compared out of what was found. Defaults to all of it. */
  read?: (found: any) => unknown;
  /** A deliberate difference: what is there instead, and why. */
  differs?: { is: unknown; because: string };
  /** Name of the stack. Defaults to "dev". */
  stack?: string;
}

/** Lines that are no fact about what is deployed, and why not. */
export interface Passage {
  lines: [number, number];
  because: string;
}

/** A document as a table: every one of its lines is a row's or a passage's. */
export interface SystemTable {
  /** Name of the example. */
  example: string;
  /** How many lines the document has. */
  length: number;
  rows: Row[];
  passages: Passage[];
}

/** True for what is there at all: of a fact that says nothing more. */
export const isThere = (found: unknown) => found !== undefined;

/** The words of a command that follow a flag. */
export const after = (flag: string) => (command: string[]) => command[command.indexOf(flag) + 1];

/** The lines of a document that a table passes over, or says twice: as a passage and as a row. */
export function unaccounted({ length, passages, rows }: SystemTable): number[] {
  const within = (line: number) => (range: { lines: [number, number] }) =>
    range.lines[0] <= line && line <= range.lines[1];
  return Array.from({ length }, (_, index) => index + 1).filter((line) => {
    const told = rows.some(within(line));
    const passed = passages.filter(within(line)).length;
    return told ? passed > 0 : passed !== 1;
  });
}

/** What was found for a row; undefined where there is no such resource, or nothing at its path. */
export function found(deployment: Deployment | undefined, { at, read }: Row): unknown {
  const resource = deployment?.resources.find(
    ({ name, type }) => type === at.type && name === at.name,
  );
  const value = resource === undefined ? undefined : valueAt(reveal(resource.inputs), at.path);
  if (read === undefined) return value;
  return value === undefined && read !== isThere ? undefined : read(value);
}

/** What must be found for a row: what the document says, or what is there instead. */
export function expected({ differs, says }: Row): unknown {
  return differs === undefined ? says : differs.is;
}

const STEP = /([\w-]+)|\[(\d+)\]|\[([\w-]+)=([^\]]+)\]|\["([^"]+)"\]/y;

function valueAt(root: any, path: string): any {
  let value = root;
  for (let position = 0; position < path.length;) {
    STEP.lastIndex = position;
    const match = STEP.exec(path);
    if (match === null) throw new Error(`no path: ${path} at ${path.slice(position)}`);
    const [text, key, index, field, wanted, quoted] = match;
    const name = key ?? quoted;
    if (name !== undefined) value = value?.[name];
    else if (index !== undefined) value = value?.[Number(index)];
    else value = value?.find((item: any) => item[field ?? ""] === wanted);
    position += text.length;
    if (path[position] === ".") position += 1;
  }
  return value;
}
