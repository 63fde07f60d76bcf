import { isDeepStrictEqual } from "node:util";
import { fieldAt, omit, type KubeObject } from "../../../kube/objects";
import { isProperties, type Properties } from "../../grpc/wire";
import { dropServerMetadata } from "../check/normalise";
import { isEmptyThroughout } from "../diff/compare";
import { isBuiltinGroup } from "../kinds";
import { isDefault } from "./server-defaults";
import { fromApi } from "./state";

const serverAnnotations = [
  "deployment.kubernetes.io/revision",
  "deprecated.daemonset.template.generation",
  "kubectl.kubernetes.io/last-applied-configuration",
  "pv.kubernetes.io/bind-completed",
  "pv.kubernetes.io/bound-by-controller",
];

/**
 * The inputs that a program would have given for a live object: all of it except what the server writes and
 * except the server's well-known defaults, so that comparing with the program shows only what differs.
 */
export function importedInputs(live: KubeObject): Properties {
  const object = omit(dropServerMetadata(fromApi(live)), "status");
  const metadata = importedMetadata(isProperties(object.metadata) ? object.metadata : {}, live);
  const { apiVersion, kind, ...fields } = object;
  const kept = isBuiltinGroup(live.apiVersion)
    ? withoutDefaults({ ...fields, metadata: undefined }, live.kind, [])
    : fields;
  return { apiVersion, kind, ...kept, metadata };
}

function importedMetadata(metadata: Properties, live: KubeObject): Properties {
  const { annotations, finalizers, ...others } = metadata;
  const rest = omit(others, "ownerReferences");
  const own = Object.entries(isProperties(annotations) ? annotations : {}).filter(
    ([key]) => !serverAnnotations.includes(key),
  );
  // The server labels every namespace with its name.
  const given = givenLabels(isProperties(rest.labels) ? rest.labels : {}, live);
  const hasServerFinalizers =
    Array.isArray(finalizers) &&
    finalizers.every((one) => String(one).startsWith("kubernetes.io/"));
  return {
    ...omit(rest, "labels"),
    ...(Object.keys(given).length > 0 && { labels: given }),
    ...(own.length > 0 && { annotations: Object.fromEntries(own) }),
    ...(finalizers !== undefined && !hasServerFinalizers && { finalizers }),
  };
}

// The server labels every namespace with its name, and a Job without labels with those of its pods.
function givenLabels(labels: Properties, live: KubeObject): Properties {
  if (live.kind === "Namespace") return omit(labels, "kubernetes.io/metadata.name");
  const ofPods = fieldAt(live, "spec", "template", "metadata", "labels");
  return live.kind === "Job" && isDeepStrictEqual(labels, ofPods) ? {} : labels;
}

function withoutDefaults(object: Properties, kind: string, path: string[]): Properties {
  const kept: Properties = {};
  for (const [key, value] of Object.entries(object)) {
    const here = [...path, key];
    if (value === undefined || isDefault(kind, here, value, object)) continue;
    const visited = visit(value, kind, here);
    // An object that held only defaults was itself one.
    if (isEmptyThroughout(visited) && !isDeepStrictEqual(visited, value)) continue;
    kept[key] = visited;
  }
  return kept;
}

function visit(value: unknown, kind: string, path: string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => visit(item, kind, path));
  return isProperties(value) ? withoutDefaults(value, kind, path) : value;
}
