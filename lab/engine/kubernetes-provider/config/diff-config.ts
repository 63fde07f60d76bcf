import { isDeepStrictEqual } from "node:util";
import { hasUnknown, type Properties } from "../../grpc/wire";
import { clusterOf, readSettings } from "./settings";

/** The outcome of comparing two configurations of a provider. */
export interface ConfigDiff {
  diffs: string[];
  /** Keys for which everything the provider manages has to be replaced: another cluster. */
  replaces: string[];
}

const clusterKeys = ["kubeconfig", "context", "cluster"];

/** Compares two configurations (unwrapped) as the official provider does. */
export function diffConfig(olds: Properties, news: Properties): ConfigDiff {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
    (key) => key !== "version" && !key.startsWith("__"),
  );
  const diffs = keys.filter((key) => !isDeepStrictEqual(olds[key], news[key])).sort();
  const before = olds.clusterIdentifier;
  const after = news.clusterIdentifier;
  if (isText(after) && after === before) return { diffs, replaces: [] };
  const computed = clusterKeys.find((key) => hasUnknown(news[key]));
  if (computed !== undefined) return { diffs: [computed], replaces: [computed] };
  const replaces = diffs.includes("renderYamlToDirectory") ? ["renderYamlToDirectory"] : [];
  if (isText(before) && isText(after)) replaces.push("clusterIdentifier");
  if (isOtherCluster(olds, news)) replaces.push(...diffs.filter((k) => clusterKeys.includes(k)));
  return { diffs, replaces };
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isOtherCluster(olds: Properties, news: Properties): boolean {
  const before = clusterEntry(olds);
  const after = clusterEntry(news);
  return before !== undefined && after !== undefined && !isDeepStrictEqual(before, after);
}

function clusterEntry(config: Properties): unknown {
  try {
    return clusterOf(readSettings(config, {})).cluster;
  } catch {
    return undefined;
  }
}
