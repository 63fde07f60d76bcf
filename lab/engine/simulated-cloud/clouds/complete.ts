import { isProperties, isSecret, isUnknown, type Properties, secret } from "../../grpc/wire";
import type { Sdk } from "../sdk/sdk";
import type { SdkField, SdkType } from "../sdk/type-expression";

/** Gives the value of a property that the inputs do not, by its path and type. */
export type Missing = (path: string, type: SdkType) => unknown;

/**
 * The properties as a resource of these fields has them: what the fields do not know left out, what they always have
 * and the values lack filled in, at any depth. Values that are secret or not known yet stay so.
 */
export function completed(
  sdk: Sdk,
  fields: ReadonlyMap<string, SdkField>,
  values: Properties,
  missing: Missing,
  at = "",
): Properties {
  const result: Properties = {};
  for (const [name, { isOptional, type }] of fields) {
    const path = at === "" ? name : `${at}.${name}`;
    const value = values[name];
    if (value !== undefined && value !== null) {
      result[name] = completedValue(sdk, type, value, missing, path);
    } else if (!isOptional) {
      result[name] = missing(path, type);
    }
  }
  return result;
}

function completedValue(
  sdk: Sdk,
  type: SdkType,
  value: unknown,
  missing: Missing,
  at: string,
): unknown {
  if (isSecret(value)) return secret(completedValue(sdk, type, value.value, missing, at));
  if (isUnknown(value)) return value;
  switch (type.kind) {
    case "named":
      return completedValue(sdk, sdk.resolve(type), value, missing, at);
    case "fields":
      return isProperties(value) ? completed(sdk, type.fields, value, missing, at) : value;
    case "list":
      if (!Array.isArray(value)) return value;
      return value.map((item, index) =>
        completedValue(sdk, type.item, item, missing, `${at}[${index}]`),
      );
    case "map":
      if (!isProperties(value)) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          completedValue(sdk, type.item, item, missing, `${at}.${key}`),
        ]),
      );
    case "oneOf": {
      const only = type.members.filter(({ kind }) => kind !== "nothing");
      const [member] = only;
      return only.length === 1 && member ? completedValue(sdk, member, value, missing, at) : value;
    }
    default:
      return value;
  }
}

// Objects that hold objects of their own kind end here.
const DEEPEST = 5;

/** A plausible value of a type: what a cloud answers for a property that no table describes. */
export function plausible(sdk: Sdk, type: SdkType, text: () => string, depth = 0): unknown {
  switch (type.kind) {
    case "text":
      return text();
    case "number":
      return 0;
    case "flag":
      return false;
    case "literal":
      return type.value;
    case "list":
      return [];
    case "oneOf": {
      const [first] = type.members;
      return first ? plausible(sdk, first, text, depth) : undefined;
    }
    case "named":
      return depth > DEEPEST ? {} : plausible(sdk, sdk.resolve(type), text, depth + 1);
    case "fields": {
      const fields = [...type.fields].filter(([, { isOptional }]) => !isOptional);
      const entries = fields.map(([name, field]) => [
        name,
        plausible(sdk, field.type, text, depth + 1),
      ]);
      return Object.fromEntries(entries) as Properties;
    }
    default:
      return {};
  }
}
