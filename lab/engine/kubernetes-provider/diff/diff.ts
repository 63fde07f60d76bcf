import { isDeepStrictEqual } from "node:util";
import { fieldAt } from "../../../kube/objects";
import { isProperties, plainProperties, type Properties } from "../../grpc/wire";
import { isAutonamed } from "../check/autoname";
import { normalise } from "../check/normalise";
import type { Settings } from "../config/settings";
import { isPatchResource } from "../kinds";
import { apiKeys, parseState, type ParsedState } from "../state/state";
import { differences, pruneToShape, type Difference } from "./compare";
import { formatPath, isInside, parsePath, type Step } from "./property-path";
import { forceNewPaths } from "./replace";

/** What Diff is asked. */
export interface DiffRequest {
  urn: string;
  state: Properties;
  oldInputs: Properties;
  news: Properties;
  ignoreChanges: readonly string[];
}

/** One changed property. */
export interface Change {
  path: string;
  kind: Difference["kind"];
  /** The change needs a new object. */
  replace: boolean;
}

/** What Diff answers. */
export interface DiffResult {
  changes: Change[];
  /** The old object has to go before the new one can come, because both have the same name. */
  deleteBeforeReplace: boolean;
}

/**
 * Compares new inputs with the last known live object, as far as the old inputs spoke of it: what the
 * server added is no change, what others changed is one only after a refresh. No call to the server.
 */
export function diff(settings: Settings, request: DiffRequest): DiffResult {
  const { urn } = request;
  const parsed = parseState(request.state);
  const state = { ...parsed, live: apiKeys(parsed.live), inputs: apiKeys(parsed.inputs) };
  const news = apiKeys(normalise(plainProperties(request.news)));
  const oldInputs = apiKeys(normalise(plainProperties(request.oldInputs)));
  const patch = isPatchResource(urn, String(news.kind));
  const forceNew = forceNewPaths(news, patch, settings);
  const ignored = request.ignoreChanges.map(parsePath);
  const needsNew = (path: readonly Step[]) => forceNew.some((place) => isInside(path, place));
  const found = compareInputs(state, oldInputs, news)
    .filter(({ path }) => !ignored.some((place) => isInside(path, place)))
    .filter((difference) => !isOfImport(state, oldInputs, news, difference, needsNew));
  const changes = found.map(({ path, kind }) => ({
    path: formatPath(path),
    kind,
    replace: needsNew(path) || (kind === "delete" && formatPath(path) === "metadata"),
  }));
  return {
    changes,
    deleteBeforeReplace: changes.some((c) => c.replace) && isSameObject(state.live, news),
  };
}

function compareInputs(state: ParsedState, oldInputs: Properties, news: Properties): Difference[] {
  // A resource adopted from elsewhere may have no live object in its state.
  const live = Object.keys(state.live).length > 0 ? state.live : oldInputs;
  return differences(pruneToShape(live, oldInputs), news);
}

/**
 * Inputs read off the live object hold more than a program says. Against such inputs a field that the
 * program sets to what is there is no change, and one that cannot be changed and that the program does not
 * mention is the server's own.
 */
function isOfImport(
  state: ParsedState,
  oldInputs: Properties,
  news: Properties,
  { path, kind }: Difference,
  needsNew: (path: readonly Step[]) => boolean,
): boolean {
  if (state.imported !== true || !isDeepStrictEqual(oldInputs, normalise(state.inputs)))
    return false;
  if (kind === "delete") return needsNew(path);
  const wanted = fieldAt(news, ...path);
  const there = pruneToShape(fieldAt(state.live, ...path), wanted, path);
  return there !== undefined && differences(there, wanted, path).length === 0;
}

function isSameObject(live: Properties, news: Properties): boolean {
  const { metadata } = news;
  if (!isProperties(metadata) || isAutonamed(news)) return false;
  const namespace = (object: Properties) => fieldAt(object, "metadata", "namespace") ?? "default";
  const isNamed = typeof metadata.name === "string" && metadata.name !== "";
  return (
    isNamed &&
    metadata.name === fieldAt(live, "metadata", "name") &&
    (fieldAt(live, "metadata", "namespace") === undefined || namespace(live) === namespace(news))
  );
}
