/** A type of an SDK's declarations, as far as a value can be checked against it. */
export type SdkType =
  | { kind: "any" | "text" | "number" | "flag" | "nothing" | "asset" }
  | { kind: "literal"; value: string | number | boolean }
  | { kind: "list" | "map"; item: SdkType }
  /** An interface of `types/input.d.ts` or `types/output.d.ts`, or a closed set of `types/enums`. */
  | { kind: "named"; file: "input" | "output" | "enums"; name: string }
  | { kind: "fields"; fields: ReadonlyMap<string, SdkField> }
  | { kind: "oneOf"; members: SdkType[] };

/** A field of an interface. */
export interface SdkField {
  isOptional: boolean;
  type: SdkType;
}

const FILES: Readonly<Record<string, "input" | "output" | "enums">> = {
  inputs: "input",
  outputs: "output",
  enums: "enums",
};

const SIMPLE: Readonly<Record<string, SdkType>> = {
  any: { kind: "any" },
  string: { kind: "text" },
  number: { kind: "number" },
  boolean: { kind: "flag" },
  undefined: { kind: "nothing" },
  true: { kind: "literal", value: true },
  false: { kind: "literal", value: false },
};

const TOKENS = /"(?:[^"\\]|\\.)*"|[A-Za-z_$][\w$.]*|\d+(?:\.\d+)?|\[\]|[<>{}()[\]|?:;,]/g;

/**
 * Parses what follows a field's colon in the declarations that Pulumi generates: no more of TypeScript than they
 * use. Throws on anything else.
 */
export function parseType(text: string): SdkType {
  const parser = new Cursor(text);
  const type = union(parser);
  if (!parser.isDone) throw new Error(`cannot read the type ${JSON.stringify(text)}`);
  return type;
}

/** Parses the fields between an interface's braces. */
export function parseFields(text: string): Map<string, SdkField> {
  const cursor = new Cursor(text);
  const fields = new Map<string, SdkField>();
  while (!cursor.isDone) {
    let name = cursor.next();
    if (name === "readonly") name = cursor.next();
    const isOptional = cursor.take("?");
    cursor.expect(":");
    const type = union(cursor);
    cursor.take(";");
    fields.set(name.replace(/^"|"$/g, ""), { isOptional: isOptional || admitsNothing(type), type });
  }
  return fields;
}

/** Says whether the type is, or has as an alternative, `undefined`. */
export function admitsNothing(type: SdkType): boolean {
  return type.kind === "oneOf"
    ? type.members.some(admitsNothing)
    : type.kind === "nothing" || type.kind === "any";
}

class Cursor {
  readonly #text: string;
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = text.match(TOKENS) ?? [];
  }

  get isDone(): boolean {
    return this.#at >= this.#tokens.length;
  }

  peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Error(`cannot read the type ${JSON.stringify(this.#text)}`);
    return token;
  }

  take(token: string): boolean {
    const isNext = this.peek() === token;
    if (isNext) this.#at += 1;
    return isNext;
  }

  expect(token: string): void {
    if (!this.take(token)) {
      throw new Error(`expected ${token} in the type ${JSON.stringify(this.#text)}`);
    }
  }
}

function union(cursor: Cursor): SdkType {
  const members: SdkType[] = [];
  do members.push(postfixed(cursor));
  while (cursor.take("|"));
  const [only] = members;
  return members.length === 1 && only ? only : { kind: "oneOf", members };
}

function postfixed(cursor: Cursor): SdkType {
  let type = primary(cursor);
  while (cursor.take("[]")) type = { kind: "list", item: type };
  return type;
}

function primary(cursor: Cursor): SdkType {
  if (cursor.take("(")) return enclosed(cursor, ")");
  if (cursor.take("{")) return braced(cursor);
  const token = cursor.next();
  if (token.startsWith('"')) return { kind: "literal", value: token.slice(1, -1) };
  if (/^\d/.test(token)) return { kind: "literal", value: Number(token) };
  if (cursor.take("<")) return enclosed(cursor, ">");
  return SIMPLE[token] ?? named(token);
}

function enclosed(cursor: Cursor, end: string): SdkType {
  const type = union(cursor);
  cursor.expect(end);
  return type;
}

// An index signature, or an object written where it is used.
function braced(cursor: Cursor): SdkType {
  const fields = new Map<string, SdkField>();
  let item: SdkType | undefined;
  while (!cursor.take("}")) {
    if (cursor.take("[")) {
      while (!cursor.take("]")) cursor.next();
      cursor.expect(":");
      item = union(cursor);
    } else {
      const name = cursor.next().replace(/^"|"$/g, "");
      const isOptional = cursor.take("?");
      cursor.expect(":");
      fields.set(name, { isOptional, type: union(cursor) });
    }
    cursor.take(";");
  }
  return item ? { kind: "map", item } : { kind: "fields", fields };
}

function named(token: string): SdkType {
  const [head = "", ...rest] = token.split(".");
  const file = FILES[head];
  if (file) return { kind: "named", file, name: rest.join(".") };
  if (token.startsWith("pulumi.asset.")) return { kind: "asset" };
  // A resource class or an alias of string (`Role`, `ARN`, `Region`): what travels is a string; a policy document
  // is an object of its own.
  return { kind: "oneOf", members: [{ kind: "text" }, { kind: "map", item: { kind: "any" } }] };
}
