import type { KubeClient } from "../../lab/kube/client";
import { isKubeError } from "../../lab/kube/kube-error";
import { listAt, textAt, type KubeObject } from "../../lab/kube/objects";

// What the control plane makes and remakes by itself.
const PASSING = new Set(["Event", "Lease", "Endpoints", "EndpointSlice", "ControllerRevision"]);
const IN_EVERY_NAMESPACE = new Set(["ServiceAccount default", "ConfigMap kube-root-ca.crt"]);

/**
 * Every object of the cluster over all API groups that somebody made on purpose: `kind namespace/name`,
 * sorted. Left out are objects that another owns (pods of a DaemonSet), and what the control plane makes.
 */
export async function inventory(
  client: KubeClient,
  wanted: (object: KubeObject) => boolean = () => true,
): Promise<string[]> {
  const kinds = await listableKinds(client);
  const lists = await Promise.all(kinds.map((kind) => objectsOf(client, kind)));
  return lists
    .flat()
    .filter((object) => !PASSING.has(object.kind) && wanted(object))
    .filter(({ kind, metadata }) => !IN_EVERY_NAMESPACE.has(`${kind} ${metadata.name ?? ""}`))
    .filter(({ metadata }) => !Array.isArray(metadata.ownerReferences))
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name ?? ""}`)
    .sort();
}

interface Kind {
  apiVersion: string;
  kind: string;
  path: string;
}

async function listableKinds(client: KubeClient): Promise<Kind[]> {
  const groups = listAt(await client.request("GET", "/apis"), "groups");
  const versions = groups.map((group) => textAt(group, "preferredVersion", "groupVersion") ?? "");
  const perVersion = await Promise.all(
    ["v1", ...versions].map(async (version) => {
      const root = version === "v1" ? "/api/v1" : `/apis/${version}`;
      const resources = await listed(client, root, "resources");
      return resources
        .filter((resource) => listAt(resource, "verbs").includes("list"))
        .map((resource) => ({
          apiVersion: version,
          kind: textAt(resource, "kind") ?? "",
          path: `${root}/${textAt(resource, "name") ?? ""}`,
        }));
    }),
  );
  return perVersion.flat().filter(({ path }) => path.split("/").length <= 6);
}

async function objectsOf(
  client: KubeClient,
  { apiVersion, kind, path }: Kind,
): Promise<KubeObject[]> {
  const items = await listed(client, path, "items");
  return items.map((item) => ({ ...(item as KubeObject), apiVersion, kind }));
}

/** A list of an answer; none where a definition was removed since it was found, as another test may have done. */
async function listed(client: KubeClient, path: string, key: string): Promise<unknown[]> {
  try {
    return listAt(await client.request("GET", path), key);
  } catch (error) {
    if (isKubeError(error) && error.status === 404) return [];
    throw error;
  }
}
