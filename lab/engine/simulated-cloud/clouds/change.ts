import { plainProperties, type Properties } from "../../grpc/wire";
import { nameProperty, resourceOf } from "./checked";
import type { Cloud } from "./cloud";
import { type Difference, differences, touches } from "./compare";
import { shrinkReplacements } from "./data-store-replacements";
import { valueAt } from "./paths";
import { replacements } from "./replacements";

/** What Diff answers. */
export interface Change {
  differences: (Difference & { replaces: boolean })[];
  /** The old resource has to go first: both would have the same name. */
  deletesFirst: boolean;
}

/** What changed inputs mean for a resource of the type. */
export function changeOf(
  cloud: Cloud,
  type: string,
  olds: Properties,
  news: Properties,
  ignored: readonly string[],
): Change {
  const forcing = [...(replacements[type] ?? []), ...shrunk(type, olds, news)];
  const found = differences(olds, news, { areListsSets: cloud.name !== "azure-native" })
    .filter((difference) => !ignored.some((path) => touches(difference, path)))
    .map((difference) => ({
      ...difference,
      replaces: forcing.some((path) => touches(difference, path)),
    }));
  const replaces = found.some((difference) => difference.replaces);
  return { differences: found, deletesFirst: replaces && keepsName(cloud, type, olds, news) };
}

function shrunk(type: string, olds: Properties, news: Properties): string[] {
  const [before, after] = [plainProperties(olds), plainProperties(news)];
  return (shrinkReplacements[type] ?? []).filter(
    (path) => Number(valueAt(after, path)) < Number(valueAt(before, path)),
  );
}

// A name that the provider made up is made anew for the replacement; one that the program gave stays in the way.
function keepsName(cloud: Cloud, type: string, olds: Properties, news: Properties): boolean {
  const property = nameProperty(cloud.kind(type), resourceOf(cloud, type));
  if (property === "") return false;
  const isMadeUp = Array.isArray(news.__defaults) && news.__defaults.includes(property);
  const [before, after] = [plainProperties(olds)[property], plainProperties(news)[property]];
  return !isMadeUp && before !== undefined && before === after;
}
