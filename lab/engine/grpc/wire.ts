/** Key whose presence makes an object of a Pulumi message a special value (sdk/nodejs/runtime/rpc.ts). */
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";

/** The signature of a secret: `{[SIGNATURE_KEY]: SECRET_SIGNATURE, value}`. */
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** The string that stands for a value that is not known yet, whatever its type. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

// An unknown may also carry the type of the value it stands for (sdk/go/common/resource/plugin/rpc.go).
const unknowns: ReadonlySet<unknown> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** A JSON object as Pulumi's messages carry it. */
export type Properties = Record<string, unknown>;

/** Says whether a value is an object with fields (not null, not an array). */
export function isProperties(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Says whether a value is the mark of a value not known yet. */
export function isUnknown(value: unknown): boolean {
  return unknowns.has(value);
}

/** Says whether a value is a secret on the wire; what it holds is under `value`. */
export function isSecret(value: unknown): value is { value: unknown } {
  return isProperties(value) && value[SIGNATURE_KEY] === SECRET_SIGNATURE;
}

/** Wraps a value as a secret. A value that is one already is returned as it is. */
export function secret(value: unknown): Properties {
  if (isSecret(value)) return { ...value };
  return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

function mapValues(value: Properties, transform: (field: unknown) => unknown): Properties {
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, transform(field)]));
}

/** Returns the value with every secret in it, however deep, replaced by what it holds. */
export function unwrapSecrets(value: unknown): unknown {
  if (isSecret(value)) return unwrapSecrets(value.value);
  if (Array.isArray(value)) return value.map(unwrapSecrets);
  return isProperties(value) ? mapValues(value, unwrapSecrets) : value;
}

/** `unwrapSecrets` for a whole set of properties. */
export function plainProperties(properties: Properties): Properties {
  return mapValues(properties, unwrapSecrets);
}

/** Says whether the value is, or holds at any depth, one that is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (isProperties(value)) return Object.values(value).some(hasUnknown);
  return isUnknown(value);
}

/** Says whether the value is, or holds at any depth, a secret. */
export function hasSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(hasSecret);
  return isProperties(value) && Object.values(value).some(hasSecret);
}
