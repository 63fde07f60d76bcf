import { omit } from "../../../kube/objects";
import { hasUnknown, isProperties, type Properties } from "../../grpc/wire";
import { isBuiltinGroup } from "../kinds";

/** Metadata that only the server writes. */
export const serverMetadata = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
] as const;

/**
 * Brings inputs (unwrapped) into the shape in which the server will give them back: without nulls, without
 * what only the server writes, a Secret's text as data.
 */
export function normalise(inputs: Properties): Properties {
  const object = dropServerMetadata(dropNulls(inputs));
  const builtin = typeof object.apiVersion === "string" && isBuiltinGroup(object.apiVersion);
  if (!builtin) return object;
  if (object.kind === "CustomResourceDefinition") return normaliseDefinition(object);
  if (object.kind === "Secret" && !hasUnknown(object.data) && !hasUnknown(object.stringData)) {
    return encodeSecret(object);
  }
  return object;
}

function dropNulls(object: Properties): Properties {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    return isProperties(value) ? dropNulls(value) : value;
  };
  return Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([key, value]) => [key, visit(value)]),
  );
}

/** Returns the object without the metadata that only the server writes. */
export function dropServerMetadata(object: Properties): Properties {
  if (!isProperties(object.metadata)) return object;
  return { ...object, metadata: omit(object.metadata, ...serverMetadata) };
}

function normaliseDefinition(object: Properties): Properties {
  const definition = omit(object, "status");
  if (!isProperties(definition.spec)) return definition;
  if (definition.spec.preserveUnknownFields === true) return definition;
  return { ...definition, spec: omit(definition.spec, "preserveUnknownFields") };
}

function encodeSecret(object: Properties): Properties {
  const { stringData, ...rest } = object;
  if (!isProperties(stringData)) return object;
  const encoded = Object.entries(stringData).map(([key, text]) => [
    key,
    Buffer.from(String(text), "utf8").toString("base64"),
  ]);
  const data = isProperties(rest.data) ? rest.data : {};
  return { ...rest, data: { ...data, ...Object.fromEntries(encoded) } };
}
