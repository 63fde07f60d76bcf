import { randomBytes, randomUUID } from "node:crypto";
import type { ResourceKind } from "../resource-kind";
import { keepers } from "./keepers";

/** `random.RandomUuid`: a version 4 UUID. Imported from the UUID. */
export const randomUuid = uuidKind(() => randomUUID());

/** `random.RandomUuid4`: a version 4 UUID. Imported from the UUID. */
export const randomUuid4 = randomUuid;

/** `random.RandomUuid7`: a version 7 UUID, which sorts by the time of its making. Imported from the UUID. */
export const randomUuid7 = uuidKind(uuid7);

function uuidKind(make: () => string): ResourceKind {
  return {
    inputs: { keepers },
    outputs: ["result"],
    secrets: [],
    create: () => {
      const result = make();
      return { id: result, outputs: { result } };
    },
    adopt: (id) => ({ id, state: { result: id } }),
  };
}

// RFC 9562, section 5.7: 48 bits of milliseconds, then version, variant and random bits.
function uuid7(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
