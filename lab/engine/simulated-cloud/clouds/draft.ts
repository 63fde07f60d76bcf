import { createHash, randomBytes } from "node:crypto";
import type { Properties } from "../../grpc/wire";
import type { Draft, Value } from "./cloud-kind";
import { textAt } from "./paths";
import { type ProviderConfig, partitionOf } from "./provider-config";
import type { World } from "./world";

/** A draft whose digits belong to this making alone: what replaces it has others. */
export function newDraft(
  made: Pick<Draft, "type" | "name" | "urn" | "inputs">,
  config: ProviderConfig,
  before: Properties = {},
): Draft {
  const salt = randomBytes(16).toString("hex");
  return {
    ...made,
    id: "",
    before,
    config: configFor(config, made.inputs),
    hex: (length, label = "") => digest(`${salt}|${label}`, length),
  };
}

// Each resource of AWS and Google may name another region or project than its provider's.
function configFor(config: ProviderConfig, inputs: Properties): ProviderConfig {
  const region = textAt(inputs, "region") || config.region;
  const project = textAt(inputs, "project") || config.project;
  const location = textAt(inputs, "location") || config.location;
  return { ...config, region, partition: partitionOf(region), project, location };
}

function digest(text: string, length: number): string {
  let digits = "";
  for (let round = 0; digits.length < length; round += 1) {
    digits += createHash("sha256").update(`${text}|${round}`).digest("hex");
  }
  return digits.slice(0, length);
}

/** The value of a template, or of a function, for a draft. */
export function evaluate(value: Value, draft: Draft, world: World, label = ""): unknown {
  if (typeof value === "function") return value(draft, world);
  return value.replaceAll(/\{([^{}]+)\}/g, (_, word: string) => wordOf(word, draft, label));
}

function wordOf(word: string, draft: Draft, label: string): string {
  const { config } = draft;
  const [name = "", length = "8"] = word.split(":");
  switch (name) {
    case "hex":
      return draft.hex(Number(length), label);
    case "digits":
      return BigInt(`0x1${draft.hex(Number(length) + 4, label)}`)
        .toString()
        .slice(0, Number(length));
    case "upper":
      return draft.hex(Number(length), label).toUpperCase();
    case "uuid":
      return uuidOf(draft.hex(32, label));
    case "now":
      return new Date().toISOString();
    case "id":
      return draft.id;
    case "subscription":
      return config.subscriptionId;
    case "tenant":
      return config.tenantId;
    case "partition":
    case "region":
    case "account":
    case "project":
    case "location":
      return config[name];
    default:
      return textAt(draft.inputs, word);
  }
}

/** The digits as a UUID of version 4. */
export function uuidOf(hex: string): string {
  const digits = `${hex.slice(0, 12)}4${hex.slice(13, 16)}8${hex.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
