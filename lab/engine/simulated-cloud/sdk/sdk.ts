import fs from "node:fs";
import path from "node:path";
import { parseFields, type SdkField, type SdkType } from "./type-expression";

/** What the installed SDK says of a type of resource. */
export interface SdkResource {
  inputs: ReadonlyMap<string, SdkField>;
  /** All properties that the resource has once it exists, inputs that it keeps among them. */
  outputs: ReadonlyMap<string, SdkField>;
}

/** An installed SDK, read file by file as its types are asked for. */
export interface Sdk {
  /** The resource of a type token; undefined where the SDK has none. */
  resource(token: string): SdkResource | undefined;
  /** The inputs of an explicit provider. */
  provider(): ReadonlyMap<string, SdkField>;
  /** The fields of an interface, or the values of a closed set. */
  resolve(type: SdkType & { kind: "named" }): SdkType;
}

/** Opens the SDK `@pulumi/<name>` that is installed beside the lab. Throws where there is none. */
export function openSdk(name: string): Sdk {
  const root = path.dirname(require.resolve(`@pulumi/${name}/package.json`));
  const text = cached((file: string) => readOptional(path.join(root, file)));
  const folder = cached((place: string) => namesIn(path.join(root, place)));
  const find = (place: string) => {
    const { dir, base } = path.posix.parse(place);
    const name = folder(dir).get(`${base}.d.ts`.toLowerCase());
    return name === undefined ? undefined : text(path.posix.join(dir, name));
  };
  const resource = cached((token: string) => readResource(find, name, token));
  const named = cached((key: string) => {
    const [file = "", ...rest] = key.split(":");
    return readNamed(text, root, file, rest.join(":"));
  });
  return {
    resource,
    provider: () => argsOf(text("provider.d.ts") ?? "", "Provider"),
    resolve: ({ file, name: type }) => named(`${file}:${type}`),
  };
}

function cached<Value>(make: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, { value: Value }>();
  return (key) => {
    const entry = known.get(key) ?? { value: make(key) };
    known.set(key, entry);
    return entry.value;
  };
}

// The SDKs write acronyms in file names in ways of their own (`iammember.d.ts`): names by their lower case.
function namesIn(folder: string): ReadonlyMap<string, string> {
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  return new Map(names.map((name) => [name.toLowerCase(), name]));
}

function readOptional(file: string): string | undefined {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}

type Read = (file: string) => string | undefined;

// `aws:ec2/vpc:Vpc` lies in ec2/vpc.d.ts, `azure-native:network:VirtualNetwork` in network/virtualNetwork.d.ts.
function readResource(find: Read, sdk: string, token: string): SdkResource | undefined {
  const [head, module = "", type = ""] = token.split(":");
  if (head !== sdk) return undefined;
  const own = `${type.charAt(0).toLowerCase()}${type.slice(1)}`;
  const place = module.includes("/") ? module : `${module}/${own}`;
  const declarations = find(place.replace(/^index\//, ""));
  if (!declarations?.includes(`export declare class ${type} extends`)) return undefined;
  return { inputs: argsOf(declarations, type), outputs: propertiesOf(declarations, type) };
}

function argsOf(declarations: string, type: string): ReadonlyMap<string, SdkField> {
  const body = bodyAfter(declarations, `export interface ${type}Args {`);
  return body === undefined ? new Map() : parseFields(body);
}

// The properties of a class: `readonly arn: pulumi.Output<string>;`, before its constructor.
function propertiesOf(declarations: string, type: string): ReadonlyMap<string, SdkField> {
  const body = bodyAfter(
    declarations,
    `export declare class ${type} extends pulumi.CustomResource {`,
  );
  const lines = (body ?? "").split(/^ {4}constructor\(/m)[0] ?? "";
  const properties = lines
    .split(/^ {4}(?=(?:static |declare |readonly |private |public ))/m)
    .filter((line) => /^(?:declare )?(?:public )?readonly /.test(line))
    .map((line) => line.replace(/^(?:declare )?(?:public )?/, ""));
  return parseFields(properties.join("\n"));
}

function readNamed(text: Read, root: string, file: string, name: string): SdkType {
  if (file === "enums") return readEnum(text, root, name);
  const declarations = text(`types/${file}.d.ts`) ?? "";
  const [type = "", ...spaces] = name.split(".").reverse();
  const space = spaces.reverse().join(".");
  const start = space === "" ? 0 : declarations.indexOf(`export declare namespace ${space} {`);
  const body = bodyAfter(declarations, `interface ${type} {`, Math.max(start, 0));
  if (start < 0 || body === undefined) throw new Error(`types/${file}.d.ts has no ${name}`);
  return { kind: "fields", fields: parseFields(body) };
}

// `export declare const X: { readonly A: "A"; ... }`, in types/enums/<namespace>/index.d.ts.
function readEnum(text: Read, root: string, name: string): SdkType {
  const [type = "", ...spaces] = name.split(".").reverse();
  const folder = path.posix.join("types/enums", ...spaces.reverse());
  const declarations = text(`${folder}/index.d.ts`);
  const body = bodyAfter(declarations ?? "", `export declare const ${type}: {`);
  if (body === undefined) throw new Error(`${root}: the enumeration ${name} is not declared`);
  return { kind: "oneOf", members: [...parseFields(body).values()].map(({ type }) => type) };
}

/** The text between the brace that ends the opening and the one that closes it, without comments. */
function bodyAfter(declarations: string, opening: string, from = 0): string | undefined {
  const start = declarations.indexOf(opening, from);
  if (start < 0) return undefined;
  let depth = 1;
  let body = "";
  let at = start + opening.length;
  while (depth > 0 && at < declarations.length) {
    if (declarations.startsWith("/*", at)) {
      at = declarations.indexOf("*/", at) + 2;
      continue;
    }
    const character = declarations.charAt(at);
    if (character === "{") depth += 1;
    if (character === "}") depth -= 1;
    if (depth > 0) body += character;
    at += 1;
  }
  return body;
}
