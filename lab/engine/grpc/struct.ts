import { ListValue, NullValue, Struct, Value } from "google-protobuf/google/protobuf/struct_pb";
import { isProperties, type Properties } from "./wire";

/**
 * Reads the JSON object in a protobuf Struct; a message field that was not set is an empty object.
 */
export function fromStruct(struct: Struct | undefined): Properties {
  const properties: Properties = {};
  struct?.getFieldsMap().forEach((value, key) => {
    properties[key] = fromValue(value);
  });
  return properties;
}

/**
 * Writes a JSON object as a protobuf Struct. Fields that are undefined are left out (the library's own
 * conversion throws on them); functions, symbols and bigints throw a TypeError naming the field.
 */
export function toStruct(properties: Properties): Struct {
  const struct = new Struct();
  const fields = struct.getFieldsMap();
  for (const [key, value] of Object.entries(properties)) {
    if (value !== undefined) fields.set(key, toValue(value, key));
  }
  return struct;
}

function fromValue(value: Value): unknown {
  switch (value.getKindCase()) {
    case Value.KindCase.NUMBER_VALUE:
      return value.getNumberValue();
    case Value.KindCase.STRING_VALUE:
      return value.getStringValue();
    case Value.KindCase.BOOL_VALUE:
      return value.getBoolValue();
    case Value.KindCase.STRUCT_VALUE:
      return fromStruct(value.getStructValue());
    case Value.KindCase.LIST_VALUE:
      return value.getListValue()?.getValuesList().map(fromValue) ?? [];
    case Value.KindCase.NULL_VALUE:
    case Value.KindCase.KIND_NOT_SET:
      return null;
  }
}

function toValue(field: unknown, key: string): Value {
  const value = new Value();
  if (field === null || field === undefined) value.setNullValue(NullValue.NULL_VALUE);
  else if (typeof field === "string") value.setStringValue(field);
  else if (typeof field === "number") value.setNumberValue(field);
  else if (typeof field === "boolean") value.setBoolValue(field);
  else if (Array.isArray(field)) value.setListValue(toList(field, key));
  else if (isProperties(field)) value.setStructValue(toStruct(field));
  else throw new TypeError(`${key}: a ${typeof field} cannot be sent in a message`);
  return value;
}

function toList(items: unknown[], key: string): ListValue {
  const list = new ListValue();
  list.setValuesList(items.map((item) => toValue(item, key)));
  return list;
}
