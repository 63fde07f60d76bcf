import * as pulumi from "@pulumi/pulumi";
import schema from "../../../components/schema.json";

/** A type as the package's schema has it; `plain` where no Input is taken. */
interface TypeSpec {
  type?: string;
  $ref?: string;
  plain?: boolean;
  items?: TypeSpec;
  additionalProperties?: TypeSpec;
}
type Properties = Readonly<Record<string, TypeSpec>>;

const types: Readonly<Record<string, unknown>> = schema.types;
const resources: Readonly<Partial<Record<string, { inputProperties?: Properties }>>> =
  schema.resources;

/** Type of what hands a value on that a preview does not know. */
export const LATER = "test:index:Later";

class Later extends pulumi.CustomResource {
  declare readonly value: pulumi.Output<any>;
  constructor(name: string, value: unknown) {
    super(LATER, name, { value });
  }
}

/**
 * Arguments of a component in which each value that may be an Input is an output of another resource: known once
 * that is made, unknown in a preview. Which values those are is read off the package's schema.
 */
export function withInputsLater(component: string, args: object): any {
  const inputs = resources[`${schema.name}:index:${component}`]?.inputProperties;
  if (inputs === undefined) throw new Error(`the schema has no component ${component}`);
  return eachLater(inputs, args, "args");
}

function eachLater(specs: Properties, values: object, at: string): object {
  const entries = Object.entries(values).map(([key, value]) => {
    const spec = specs[key];
    if (spec === undefined) throw new Error(`the schema has no ${at}.${key}`);
    return [key, later(spec, value, `${at}.${key}`)];
  });
  return Object.fromEntries(entries);
}

function later(spec: TypeSpec, value: any, at: string): unknown {
  if (value === undefined) return undefined;
  if (spec.plain !== true) return new Later(at, value).value;
  if (spec.items) {
    const { items } = spec;
    return value.map((item: unknown, index: number) => later(items, item, `${at}[${index}]`));
  }
  if (spec.additionalProperties) {
    const item = spec.additionalProperties;
    const keys = Object.keys(value);
    return eachLater(Object.fromEntries(keys.map((key) => [key, item])), value, at);
  }
  // An enumeration has none.
  const named: any = types[spec.$ref?.replace("#/types/", "") ?? ""];
  return named?.properties === undefined ? value : eachLater(named.properties, value, at);
}
