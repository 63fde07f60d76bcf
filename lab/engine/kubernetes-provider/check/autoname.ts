import { createHash, randomBytes } from "node:crypto";
import { isProperties, isUnknown, type Properties } from "../../grpc/wire";
import { Annotation } from "../kinds";

/** What the engine says about naming. */
export interface Autonaming {
  mode: "propose" | "enforce" | "disable";
  proposedName: string;
}

/** What a name is made from. */
export interface NamingContext {
  logicalName: string;
  /** Makes preview and update agree on the name. */
  randomSeed: Uint8Array;
  olds: Properties;
  autonaming?: Autonaming;
}

/**
 * Gives an object without a name one: that which it has already, else `<logical name>-<8 hex digits>`, else
 * what the engine proposes. Throws where the engine forbids naming.
 */
export function autoname(object: Properties, context: NamingContext): Properties {
  const { metadata } = object;
  if (isUnknown(metadata)) return object;
  const given = isProperties(metadata) ? metadata : {};
  if (isNamed(given) || given.generateName !== undefined) return object;
  const kept = keptName(context.olds);
  if (kept === undefined && Object.keys(context.olds).length > 0) return object;
  const annotations = isUnknown(given.annotations)
    ? given.annotations
    : {
        ...(isProperties(given.annotations) ? given.annotations : {}),
        [Annotation.Autonamed]: "true",
      };
  return { ...object, metadata: { ...given, name: kept ?? freshName(context), annotations } };
}

function isNamed(metadata: Properties): boolean {
  return isUnknown(metadata.name) || (typeof metadata.name === "string" && metadata.name !== "");
}

function keptName(olds: Properties): string | undefined {
  if (!isAutonamed(olds)) return undefined;
  const { metadata } = olds;
  const name = isProperties(metadata) ? metadata.name : undefined;
  return typeof name === "string" ? name : undefined;
}

/** Says whether this provider chose the object's name. */
export function isAutonamed(object: Properties): boolean {
  const { metadata } = object;
  const annotations = isProperties(metadata) ? metadata.annotations : undefined;
  return isProperties(annotations) && annotations[Annotation.Autonamed] === "true";
}

function freshName({ logicalName, randomSeed, autonaming }: NamingContext): string {
  if (autonaming?.mode === "disable") {
    throw new Error("autonaming is disabled, resource requires explicit .metadata.name field");
  }
  if (autonaming) return autonaming.proposedName;
  return `${logicalName}-${suffix(randomSeed)}`;
}

/** Eight hexadecimal digits; the same for the same seed. */
export function suffix(seed?: Uint8Array): string {
  const bytes =
    seed && seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4);
  return bytes.toString("hex").slice(0, 8);
}
