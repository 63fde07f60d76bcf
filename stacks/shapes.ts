import { z } from "zod";
import schema from "../components/schema.json";

/** A type as the package's schema has it: https://www.pulumi.com/docs/iac/extending-pulumi/schema/ */
interface TypeSpec {
  type?: string;
  $ref?: string;
  items?: TypeSpec;
  additionalProperties?: TypeSpec;
}

interface ObjectSpec {
  properties?: Readonly<Record<string, TypeSpec>>;
  required?: readonly string[];
  enum?: readonly { value: string }[];
}

const types: Readonly<Partial<Record<string, ObjectSpec>>> = schema.types;
const resources: Readonly<
  Partial<
    Record<
      string,
      { inputProperties?: Readonly<Record<string, TypeSpec>>; requiredInputs?: readonly string[] }
    >
  >
> = schema.resources;

/** Shapes of properties by their names, at any depth, where the type alone would say too little. */
type Checks = Readonly<Partial<Record<string, z.ZodType>>>;

/**
 * The shape of a component's arguments in a stack's file, read off the package's schema, so that every argument can be
 * given there and is said once. `fixed` are those that the composition gives; `checks` are taken instead of a property's
 * type.
 */
export function argsShape<T>(
  component: string,
  fixed: readonly string[] = [],
  checks: Checks = {},
): z.ZodType<T> {
  const { inputProperties, requiredInputs } = resources[`${schema.name}:index:${component}`] ?? {};
  if (inputProperties === undefined) throw new Error(`the schema has no component ${component}`);
  return trusted(objectShape(inputProperties, requiredInputs ?? [], fixed, checks));
}

/** The shape of one of the package's object types; see {@link argsShape}. */
export function typeShape<T>(
  name: string,
  fixed: readonly string[] = [],
  checks: Checks = {},
): z.ZodType<T> {
  const spec = types[`${schema.name}:index:${name}`];
  if (spec?.properties === undefined) throw new Error(`the schema has no object type ${name}`);
  return trusted(objectShape(spec.properties, spec.required ?? [], fixed, checks));
}

function objectShape(
  properties: Readonly<Record<string, TypeSpec>>,
  required: readonly string[],
  fixed: readonly string[],
  checks: Checks,
): z.ZodType {
  const own = Object.entries(properties).filter(([name]) => !fixed.includes(name));
  const shapes = own.map(([name, spec]) => {
    const shape = checks[name] ?? shapeOf(spec, checks);
    return [name, required.includes(name) ? shape : shape.optional()] as const;
  });
  return z.strictObject(Object.fromEntries(shapes));
}

function shapeOf(spec: TypeSpec, checks: Checks): z.ZodType {
  if (spec.$ref !== undefined) return referenced(spec.$ref, checks);
  switch (spec.type) {
    case "string":
      return z.string();
    case "number":
    case "integer":
      return z.number();
    case "boolean":
      return z.boolean();
    case "array":
      return z.array(shapeOf(spec.items ?? {}, checks));
    case "object":
      return z.record(z.string(), shapeOf(spec.additionalProperties ?? {}, checks));
    default:
      return z.unknown();
  }
}

function referenced(reference: string, checks: Checks): z.ZodType {
  const spec = types[reference.replace("#/types/", "")];
  if (spec?.enum !== undefined) return z.enum(spec.enum.map(({ value }) => value));
  // Looked up when used: a type may hold itself.
  return z.lazy(() => objectShape(spec?.properties ?? {}, spec?.required ?? [], [], checks));
}

/** The schema is made from the types (a contract test compares them), which the compiler cannot see. */
function trusted<T>(shape: z.ZodType): z.ZodType<T> {
  return shape.transform((value) => {
    if (isTrusted<T>(value)) return value;
    throw new Error("no value");
  });
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says what it trusts
function isTrusted<T>(value: unknown): value is T {
  return value !== undefined;
}
