import { isKubeError, KubeError } from "./kube-error";
import { fieldAt, listAt, textAt } from "./objects";

/** How a kind is addressed. */
export interface KindResource {
  /** Path segment, as in `/api/v1/namespaces/x/<plural>`. */
  plural: string;
  namespaced: boolean;
}

/** Knows the kinds that a server serves, one request per group version. */
export interface Discovery {
  /** Throws KubeError with reason `NoKindMatch` where the server has no such kind. */
  resolve: (apiVersion: string, kind: string) => Promise<KindResource>;
  /** Drops everything known, for example after a CustomResourceDefinition changed. */
  forget: () => void;
}

/** The path under which a group version is served. */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/**
 * Makes a discovery over `get`, which fetches a path. Answers are kept; a kind that is missing in a kept
 * answer is looked for once more, since a CustomResourceDefinition may have come since.
 */
export function createDiscovery(get: (path: string) => Promise<unknown>): Discovery {
  const groups = new Map<string, Promise<Map<string, KindResource>>>();
  const fetchGroup = (apiVersion: string) => {
    const fetching = readGroup(get, apiVersion);
    groups.set(apiVersion, fetching);
    // A failure is not an answer worth keeping.
    fetching.catch(() => {
      if (groups.get(apiVersion) === fetching) groups.delete(apiVersion);
    });
    return fetching;
  };
  return {
    async resolve(apiVersion, kind) {
      const kept = groups.get(apiVersion);
      const found = (await (kept ?? fetchGroup(apiVersion))).get(kind);
      if (found) return found;
      if (kept) {
        // Of many that miss at the same time, one asks and the others wait for its answer.
        const newer = groups.get(apiVersion);
        const again = await (newer && newer !== kept ? newer : fetchGroup(apiVersion));
        const foundNow = again.get(kind);
        if (foundNow) return foundNow;
      }
      throw noMatch(apiVersion, kind);
    },
    forget() {
      groups.clear();
    },
  };
}

async function readGroup(
  get: (path: string) => Promise<unknown>,
  apiVersion: string,
): Promise<Map<string, KindResource>> {
  const kinds = new Map<string, KindResource>();
  let answer: unknown;
  try {
    answer = await get(groupPath(apiVersion));
  } catch (error) {
    if (isKubeError(error) && error.status === 404) return kinds;
    throw error;
  }
  for (const resource of listAt(answer, "resources")) {
    const plural = textAt(resource, "name") ?? "";
    const kind = textAt(resource, "kind");
    // A slash marks a subresource (`pods/status`).
    if (kind !== undefined && !plural.includes("/")) {
      kinds.set(kind, { plural, namespaced: fieldAt(resource, "namespaced") === true });
    }
  }
  return kinds;
}

function noMatch(apiVersion: string, kind: string): KubeError {
  return new KubeError(
    404,
    "NoKindMatch",
    `no matches for kind "${kind}" in version "${apiVersion}"`,
  );
}
