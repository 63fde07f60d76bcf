import { randomBytes } from "node:crypto";
import type { Properties } from "../../grpc/wire";
import { numberOf, optionalText } from "../inputs";
import { type ResourceKind, Shape } from "../resource-kind";
import { keepers } from "./keepers";

const length = { shape: Shape.Integer, required: true, minimum: 1 } as const;

/** `random.RandomBytes`: secret bytes. Imported from their standard base64. */
export const randomBytesKind: ResourceKind = {
  inputs: { keepers, length },
  outputs: ["base64", "hex"],
  secrets: ["base64", "hex"],
  create: (inputs) => ({
    id: "none",
    outputs: secretBytes(randomBytes(numberOf(inputs, "length"))),
  }),
  adopt: (id) => {
    const bytes = Buffer.from(id, "base64");
    return { id: "none", state: { length: bytes.length, ...secretBytes(bytes) } };
  },
};

function secretBytes(bytes: Buffer): Properties {
  return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
}

/** `random.RandomId`: public bytes in four spellings. Imported from `[prefix,]<URL-safe base64>`. */
export const randomId: ResourceKind = {
  inputs: { byteLength: length, keepers, prefix: { shape: Shape.Text } },
  outputs: ["b64Std", "b64Url", "dec", "hex"],
  secrets: [],
  create: (inputs) => {
    const bytes = randomBytes(numberOf(inputs, "byteLength"));
    return { id: bytes.toString("base64url"), outputs: spellings(bytes, prefixOf(inputs)) };
  },
  adopt: (id) => {
    const comma = id.lastIndexOf(",");
    const bytes = Buffer.from(id.slice(comma + 1), "base64url");
    const prefix = id.slice(0, Math.max(comma, 0));
    const state = {
      byteLength: bytes.length,
      ...(prefix && { prefix }),
      ...spellings(bytes, prefix),
    };
    return { id: bytes.toString("base64url"), state };
  },
};

function prefixOf(inputs: Properties): string {
  return optionalText(inputs, "prefix") ?? "";
}

function spellings(bytes: Buffer, prefix: string): Properties {
  const hex = bytes.toString("hex");
  return {
    b64Std: prefix + bytes.toString("base64"),
    b64Url: prefix + bytes.toString("base64url"),
    dec: prefix + BigInt(`0x${hex}`).toString(),
    hex: prefix + hex,
  };
}
