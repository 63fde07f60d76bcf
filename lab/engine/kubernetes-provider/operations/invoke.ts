import { parseAllDocuments } from "yaml";
import { isRecord, textAt } from "../../../kube/objects";
import { unimplemented } from "../../grpc/rpc-error";
import type { Properties } from "../../grpc/wire";
import { isNamespaced, type Instance } from "../instance";

const onlyOfficial = ["kubernetes:helm:template", "kubernetes:kustomize:directory"];

/** Answers a function call. Throws for functions that only the official plugin has. */
export async function invoke(
  instance: Instance,
  token: string,
  args: Properties,
): Promise<Properties> {
  if (token === "kubernetes:yaml:decode") return { result: await decode(instance, args) };
  if (onlyOfficial.includes(token)) {
    throw unimplemented(
      `${token} runs charts or overlays, which only the official Kubernetes plugin does`,
    );
  }
  throw unimplemented(`unknown function ${token}`);
}

/** The objects of a YAML text; documents that are no objects are left out, lists are taken apart. */
async function decode(instance: Instance, args: Properties): Promise<unknown[]> {
  if (typeof args.text !== "string")
    throw new Error("kubernetes:yaml:decode: missing required field 'text'");
  const objects = parseAllDocuments(args.text).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new Error(`kubernetes:yaml:decode: ${error.message}`);
    const value: unknown = document.toJS();
    return isRecord(value) && value.apiVersion && value.kind ? [value] : [];
  });
  const namespace = typeof args.defaultNamespace === "string" ? args.defaultNamespace : "";
  return Promise.all(objects.map((object) => withNamespace(instance, object, namespace)));
}

async function withNamespace(instance: Instance, object: Properties, namespace: string) {
  const given = textAt(object, "metadata", "namespace") ?? "";
  if (namespace === "" || given !== "" || !isRecord(object.metadata)) return object;
  if (!(await isNamespaced(instance, String(object.apiVersion), String(object.kind))))
    return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}
