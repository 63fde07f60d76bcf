import {
  isProperties,
  isSecret,
  plainProperties,
  type Properties,
  secret,
  UNKNOWN,
} from "../../grpc/wire";
import { withoutNotes, resourceOf } from "./checked";
import type { Cloud } from "./cloud";
import type { CloudKind, Draft } from "./cloud-kind";
import { completed, plausible } from "./complete";
import { evaluate } from "./draft";
import { valueAt, withValue } from "./paths";
import type { ProviderConfig } from "./provider-config";
import type { World } from "./world";

/** The state that a preview shows: what the provider knows beforehand, the rest unknown. */
export function previewState(
  cloud: Cloud,
  type: string,
  inputs: Properties,
  config: ProviderConfig,
  before: Properties = {},
): Properties {
  const { outputs } = resourceOf(cloud, type);
  const kind = cloud.kind(type);
  const given = { ...foreseen(cloud, inputs, config), ...withoutNotes(inputs) };
  return completed(cloud.sdk(), outputs, given, (path) =>
    kind.renews?.includes(path) ? UNKNOWN : (valueAt(before, path) ?? UNKNOWN),
  );
}

/**
 * The state of an object that is made or changed: its inputs, what was computed before, what the kind's table tells,
 * and plausible values for the rest.
 */
export function stateOf(cloud: Cloud, kind: CloudKind, draft: Draft, world: World): Properties {
  const { outputs } = resourceOf(cloud, draft.type);
  const sdk = cloud.sdk();
  const given = { ...foreseen(cloud, draft.inputs, draft.config), ...draft.inputs };
  const kept = (path: string) =>
    kind.renews?.includes(path) ? undefined : valueAt(draft.before, path);
  const told = Object.entries(kind.outputs ?? {});
  const seeded = told.reduce<Properties>((values, [path, value]) => {
    const isOutput = outputs.has(path.split(/[.[]/)[0] ?? "");
    if (!isOutput || hasValue(values, path)) return values;
    return withValue(values, path, kept(path) ?? evaluate(value, draft, world, path));
  }, given);
  return completed(
    sdk,
    outputs,
    seeded,
    (path, type) => kept(path) ?? plausible(sdk, type, () => textFor(cloud, draft, path)),
  );
}

function hasValue(values: Properties, path: string): boolean {
  let value: unknown = values;
  for (const step of path.split(".")) {
    if (step.includes("[*]")) return false;
    value = isProperties(value) ? value[step] : undefined;
  }
  return value !== undefined;
}

// What the providers plan themselves before any call: regions, projects, tags.
function foreseen(cloud: Cloud, inputs: Properties, config: ProviderConfig): Properties {
  const plain = plainProperties(inputs);
  const labels = (value: unknown) => ({
    ...config.defaultTags,
    ...(isProperties(value) ? value : {}),
  });
  switch (cloud.name) {
    case "aws":
      return { region: plain.region ?? config.region, tagsAll: labels(plain.tags) };
    case "gcp":
      return {
        project: plain.project ?? config.project,
        effectiveLabels: labels(plain.labels),
        pulumiLabels: labels(plain.labels),
      };
    case "azure-native":
      return {};
  }
}

function textFor(cloud: Cloud, draft: Draft, path: string): string {
  const name =
    path
      .split(/[.[\]]/)
      .filter(Boolean)
      .at(-1) ?? "";
  const { config } = draft;
  if (/arn$/i.test(name))
    return `arn:${config.partition}:simulated:${config.region}:${config.account}:${draft.hex(12, path)}`;
  if (/ownerId$|accountId$/.test(name)) return config.account;
  if (/(created|modified|updated|Date|Time|At|timestamp)$/i.test(name))
    return new Date().toISOString();
  if (name === "provisioningState") return "Succeeded";
  if (name === "type") return draft.type;
  if (name === "id") return draft.id;
  if (name === "location" && cloud.name === "azure-native") return config.location;
  return /id$/i.test(name) ? draft.hex(17, path) : `simulated-${draft.hex(8, path)}`;
}

/** The plain value with the marks of secrets that another has in the same places. */
export function marked(plain: unknown, marks: unknown): unknown {
  if (isSecret(marks)) return secret(plain);
  if (Array.isArray(plain) && Array.isArray(marks)) {
    return plain.map((item, index) => marked(item, marks[index]));
  }
  if (!isProperties(plain) || !isProperties(marks)) return plain;
  return Object.fromEntries(
    Object.entries(plain).map(([name, value]) => [name, marked(value, marks[name])]),
  );
}

/** {@link marked} for a whole set of properties. */
export function markedProperties(plain: Properties, marks: Properties): Properties {
  const value = marked(plain, marks);
  return isProperties(value) ? value : plain;
}
