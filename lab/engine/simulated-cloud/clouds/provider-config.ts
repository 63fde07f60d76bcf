import type { ConfigureRequest } from "@pulumi/pulumi/proto/provider_pb";
import { fromStruct } from "../../grpc/struct";
import { isProperties, plainProperties, type Properties } from "../../grpc/wire";
import type { InputFault } from "../resource-kind";
import { openSdk } from "../sdk/sdk";
import type { CloudSettings } from "./settings";

/** The clouds that are simulated, by the name of their Pulumi package. */
export const CLOUDS = ["aws", "gcp", "azure-native"] as const;
/** One of {@link CLOUDS}. */
export type CloudName = (typeof CLOUDS)[number];

/** What one provider instance was configured with, for every cloud: a resource uses its own cloud's part. */
export interface ProviderConfig {
  partition: string;
  account: string;
  region: string;
  project: string;
  zone: string;
  subscriptionId: string;
  tenantId: string;
  location: string;
  /** Tags or labels that each resource gets besides its own. */
  defaultTags: Record<string, string>;
}

/** The cloud of a type token or of a function's token; undefined where it is none of the simulated. */
export function cloudOf(token: string): CloudName | undefined {
  return CLOUDS.find((cloud) => token.startsWith(`${cloud}:`));
}

/** Reads what an instance is configured with; where config says nothing, the settings of the simulation hold. */
export function providerConfig(values: Properties, settings: CloudSettings): ProviderConfig {
  const config = plainProperties(values);
  const text = (name: string): string => {
    const value = config[name];
    return typeof value === "string" ? value : "";
  };
  const region = text("region");
  return {
    partition: partitionOf(region),
    account: settings.account,
    region,
    project: text("project") || (settings.project ?? ""),
    zone: text("zone"),
    subscriptionId: text("subscriptionId") || settings.subscriptionId,
    tenantId: text("tenantId") || settings.tenantId,
    location: text("location"),
    defaultTags: defaultTags(config.defaultTags ?? config.defaultLabels),
  };
}

/** The partition that a region of AWS lies in. */
export function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

// Nested configuration travels as JSON in a string.
function defaultTags(value: unknown): Record<string, string> {
  const parsed: unknown = typeof value === "string" && value !== "" ? JSON.parse(value) : value;
  if (!isProperties(parsed)) return {};
  const tags = isProperties(parsed.tags) ? parsed.tags : parsed;
  return Object.fromEntries(
    Object.entries(tags).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** What is wrong with the configuration of a provider, by its type `pulumi:providers:aws`; other packages' never. */
export function configFaults(type: string, news: Properties): InputFault[] {
  const name = type.replace("pulumi:providers:", "");
  const cloud = CLOUDS.find((cloud) => cloud === name);
  if (!cloud) return [];
  const known = openSdk(cloud).provider();
  const unexpected = Object.keys(news).filter((key) => !known.has(key) && !ENGINES_OWN.has(key));
  const faults = unexpected.map((property) => ({ property, reason: "unknown provider property" }));
  const isMissing = cloud === "aws" && (news.region === undefined || news.region === "");
  return isMissing ? [...faults, { property: "region", reason: NO_REGION }] : faults;
}

const ENGINES_OWN = new Set(["version", "pluginDownloadURL", "__internal"]);
const NO_REGION = 'missing region information: set it with "pulumi config set aws:region"';

/** The values of a Configure request, whichever way the engine sends them. */
export function configValues(request: ConfigureRequest): Properties {
  const args = fromStruct(request.getArgs());
  if (Object.keys(args).length > 0) return args;
  const values: Properties = {};
  request.getVariablesMap().forEach((value, key) => {
    values[key.split(":").at(-1) ?? key] = value;
  });
  return values;
}
