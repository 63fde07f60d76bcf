import { fieldAt } from "../../../kube/objects";
import {
  hasUnknown,
  isProperties,
  isUnknown,
  plainProperties,
  type Properties,
} from "../../grpc/wire";
import { urnName, urnType } from "../../grpc/urn";
import type { Failure } from "../config/check-config";
import { isNamespaced, type Instance } from "../instance";
import { isPatchResource, typeOfUrn } from "../kinds";
import { markSecretKind, markSecrets } from "../state/secrets";
import { autoname, type Autonaming } from "./autoname";
import { normalise } from "./normalise";

/** What Check is asked. */
export interface CheckRequest {
  urn: string;
  /** The inputs last accepted; empty for a new object. */
  olds: Properties;
  news: Properties;
  randomSeed: Uint8Array;
  autonaming?: Autonaming;
}

/** What Check answers: the inputs as they will be used, or what is wrong with them. */
export interface CheckResult {
  inputs: Properties;
  failures: Failure[];
}

/** Checks and completes the inputs of an object. Throws where no input at all would do. */
export async function check(instance: Instance, request: CheckRequest): Promise<CheckResult> {
  const { urn, news } = request;
  refuseList(urn);
  const plain = plainProperties(news);
  const failures = shapeFaults(plain);
  if (failures.length > 0) return { inputs: news, failures };
  const patch = isPatchResource(urn, String(plain.kind));
  if (patch && !instance.settings.enableServerSideApply) {
    throw new Error(
      "patch resources require Server-Side Apply mode, which is off (enableServerSideApply)",
    );
  }
  let object = normalise(plain);
  if (patch && fieldAt(object, "metadata", "name") === undefined && !isUnknown(object.metadata)) {
    throw new Error("patch resources require the resource .metadata.name to be set");
  }
  if (
    instance.settings.enableServerSideApply &&
    fieldAt(object, "metadata", "generateName") !== undefined
  ) {
    throw new Error(
      "metadata.generateName is not supported in Server-Side Apply mode; use metadata.name or leave both out",
    );
  }
  object = autoname(object, {
    logicalName: urnName(urn),
    ...request,
    olds: plainProperties(request.olds),
  });
  announce(instance, object);
  object = await defaultNamespace(instance, object);
  const marked = markSecrets(object, news);
  return { inputs: markSecretKind(isProperties(marked) ? marked : object), failures: [] };
}

function refuseList(urn: string): void {
  const { kind } = typeOfUrn(urn);
  if (kind.endsWith("List")) {
    throw new Error(
      `${urnType(urn)} is a list and not an object of its own: use the underlying kind ${kind.slice(0, -4)} for each item`,
    );
  }
}

function shapeFaults(object: Properties): Failure[] {
  const failures = ["apiVersion", "kind"].flatMap((property) =>
    typeof object[property] === "string" && object[property] !== ""
      ? []
      : [{ property, reason: `must be a string, got ${JSON.stringify(object[property])}` }],
  );
  const { metadata } = object;
  if (
    metadata !== undefined &&
    metadata !== null &&
    !isProperties(metadata) &&
    !isUnknown(metadata)
  ) {
    failures.push({ property: "metadata", reason: "must be an object" });
  }
  return failures;
}

// Custom resources of the same program are checked before their definition exists on the server.
function announce(instance: Instance, object: Properties): void {
  if (object.kind !== "CustomResourceDefinition") return;
  const group = fieldAt(object, "spec", "group");
  const kind = fieldAt(object, "spec", "names", "kind");
  const scope = fieldAt(object, "spec", "scope");
  const versions = fieldAt(object, "spec", "versions");
  if (hasUnknown([group, kind, scope]) || !Array.isArray(versions)) return;
  for (const version of versions) {
    const id = `${String(group)}/${String(fieldAt(version, "name"))}/${String(kind)}`;
    instance.announcedKinds.set(id, scope !== "Cluster");
  }
}

async function defaultNamespace(instance: Instance, object: Properties): Promise<Properties> {
  const fallback = instance.client?.config.namespace ?? instance.settings.namespace;
  if (fallback === undefined || isUnknown(object.metadata)) return object;
  const metadata = isProperties(object.metadata) ? object.metadata : {};
  if (metadata.namespace !== undefined && metadata.namespace !== "") return object;
  if (!(await isNamespaced(instance, String(object.apiVersion), String(object.kind))))
    return object;
  return { ...object, metadata: { ...metadata, namespace: fallback } };
}
