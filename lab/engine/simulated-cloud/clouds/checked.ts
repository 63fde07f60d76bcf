import { createHash } from "node:crypto";
import { hasUnknown, isProperties, plainProperties, type Properties } from "../../grpc/wire";
import type { InputFault } from "../resource-kind";
import { typeFaults } from "../sdk/check";
import type { SdkResource } from "../sdk/sdk";
import type { Cloud } from "./cloud";
import type { CloudKind } from "./cloud-kind";
import type { ProviderConfig } from "./provider-config";

/** What Check answers. */
export interface Checked {
  inputs: Properties;
  faults: InputFault[];
}

/** Checks inputs against the SDK and the kind, and fills in the name and the defaults that the provider gives. */
export function checked(
  cloud: Cloud,
  request: { type: string; name: string; news: Properties; olds: Properties; seed: Uint8Array },
  config: ProviderConfig,
): Checked {
  const { type, news } = request;
  const resource = resourceOf(cloud, type);
  const kind = cloud.kind(type);
  const inputs = withoutNothing(news);
  const filled: string[] = [];
  const fill = (name: string, value: unknown) => {
    if (inputs[name] !== undefined || !resource.inputs.has(name) || value === "") return;
    inputs[name] = value;
    filled.push(name);
  };
  fill(...autoname(cloud, kind, resource, request));
  if (cloud.name === "azure-native" && resource.inputs.get("location")?.isOptional) {
    fill("location", config.location);
  }
  const faults = typeFaults(cloud.sdk(), resource.inputs, inputs);
  for (const [name, value] of Object.entries(kind.defaults ?? {})) fill(name, value);
  if (faults.length === 0) faults.push(...(kind.check?.(knownOf(inputs)) ?? []));
  // The SDKs of bridged providers tell defaults from what the program gave by this note.
  if (cloud.name !== "azure-native") inputs.__defaults = filled.sort();
  return { inputs, faults };
}

/** What the SDK says of the type. Throws where it has no such type. */
export function resourceOf(cloud: Cloud, type: string): SdkResource {
  const resource = cloud.sdk().resource(type);
  if (!resource) throw new Error(`@pulumi/${cloud.name} has no resource ${type}`);
  return resource;
}

/** The property that holds the name which the provider makes up where the program gives none; "" for none. */
export function nameProperty(kind: CloudKind, resource: SdkResource): string {
  const property = kind.autoname ?? "name";
  return resource.inputs.get(property)?.isOptional ? property : "";
}

function autoname(
  cloud: Cloud,
  kind: CloudKind,
  resource: SdkResource,
  { name, news, olds, seed }: Parameters<typeof checked>[1],
): [string, unknown] {
  const property = nameProperty(kind, resource);
  const isPrefixed = news[`${property}Prefix`] !== undefined && news[`${property}Prefix`] !== null;
  if (property === "" || isPrefixed) return ["", ""];
  const before = plainProperties(olds)[property];
  if (typeof before === "string" && before !== "" && wasFilled(olds, property, cloud)) {
    return [property, before];
  }
  const digits = createHash("sha256").update(seed).update(name).digest("hex");
  // Bridges join with a hyphen and take seven digits, azure-native appends eight.
  const made =
    cloud.name === "azure-native" ? azureName(name, digits) : `${name}-${digits.slice(0, 7)}`;
  return [property, cloud.name === "gcp" ? made.toLowerCase() : made];
}

function azureName(name: string, digits: string): string {
  return `${name}${digits.slice(0, 8)}`;
}

// azure-native keeps no note of what it filled in: any earlier name stays.
function wasFilled(olds: Properties, property: string, cloud: Cloud): boolean {
  if (cloud.name === "azure-native") return true;
  return Array.isArray(olds.__defaults) && olds.__defaults.includes(property);
}

function withoutNothing(news: Properties): Properties {
  const entries = Object.entries(news).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries.filter(([name]) => name !== "__defaults"));
}

function knownOf(inputs: Properties): Properties {
  const plain = plainProperties(inputs);
  return Object.fromEntries(Object.entries(plain).filter(([, value]) => !hasUnknown(value)));
}

/** Inputs without the notes of the bridge, at any depth. */
export function withoutNotes(value: Properties): Properties {
  const entries = Object.entries(value).filter(([name]) => !name.startsWith("__"));
  return Object.fromEntries(entries.map(([name, item]) => [name, strip(item)]));
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (!isProperties(value)) return value;
  const entries = Object.entries(value).filter(([name]) => name !== "__defaults");
  return Object.fromEntries(entries.map(([name, item]) => [name, strip(item)]));
}
