import { createDiscovery, groupPath, type Discovery, type KindResource } from "./discovery";
import { isKubeError, KubeError } from "./kube-error";
import type { KubeConfig } from "./kubeconfig";
import { isKubeObject, refOf, textAt, type KubeObject, type ObjectLike } from "./objects";
import { discoveryUntil, transportUntil } from "./until";
import { createTransport, type Query, type Transport } from "./transport";
import { listItems, watchCollection, type WatchEvent, type WatchOptions } from "./watch";

/** Options of every call on one object. */
export interface CallOptions {
  query?: Query;
  signal?: AbortSignal;
}

/** Options of calls that write. */
export interface WriteOptions extends CallOptions {
  /** Who is recorded as the owner of the fields written. */
  fieldManager?: string;
  /** Lets the server check and default the object without keeping it. Defaults to false. */
  dryRun?: boolean;
}

/** Options of server-side apply. */
export interface ApplyOptions extends WriteOptions {
  /** Takes over fields that another manager owns instead of failing with a Conflict. Defaults to false. */
  force?: boolean;
  /** Part of the object to write instead, such as `status`. */
  subresource?: string;
}

/** Options of a merge, strategic merge or JSON patch. */
export interface PatchOptions extends WriteOptions {
  /** Defaults to `application/merge-patch+json`. */
  contentType?: string;
  /** Part of the object to write instead, such as `status`. */
  subresource?: string;
}

/** Options of a deletion. */
export interface RemoveOptions extends CallOptions {
  /** Defaults to the server's choice for the kind. */
  propagation?: "Foreground" | "Background" | "Orphan";
}

/** A pod to bind a token to. */
export interface BoundPod {
  name: string;
  uid: string;
}

/** A typed face of one API server for one identity. Every call throws KubeError for what the server refuses. */
export interface KubeClient {
  readonly config: KubeConfig;
  /** Any request; answers with the parsed body. */
  readonly request: Transport["send"];
  readonly resolve: (apiVersion: string, kind: string) => Promise<KindResource>;
  /** Drops what discovery knows. */
  readonly forgetKinds: () => void;
  /** The path of a collection: of `namespace`, or of all namespaces where that is left out. */
  collectionPath(apiVersion: string, kind: string, namespace?: string): Promise<string>;
  objectPath(object: ObjectLike): Promise<string>;
  get(object: ObjectLike, options?: CallOptions): Promise<KubeObject>;
  /** Like `get`; undefined where there is no such object. */
  find(object: ObjectLike, options?: CallOptions): Promise<KubeObject | undefined>;
  /** Every object of a kind, of all namespaces unless one is named, page by page. */
  list(
    apiVersion: string,
    kind: string,
    options?: CallOptions & { namespace?: string },
  ): Promise<KubeObject[]>;
  create(object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** Server-side apply. `fieldManager` defaults to `kvm-fabric`. */
  apply(object: KubeObject, options?: ApplyOptions): Promise<KubeObject>;
  replace(object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  patch(object: ObjectLike, body: unknown, options?: PatchOptions): Promise<KubeObject>;
  /** Deletes an object. An object that is not there is an error (reason `NotFound`). */
  remove(object: ObjectLike, options?: RemoveOptions): Promise<void>;
  watch(path: string, options: WatchOptions, onEvent: (event: WatchEvent) => void): Promise<void>;
  /** A token of a service account, bound to a pod if one is given; lives `expirationSeconds` (defaults to 3600). */
  createToken(
    serviceAccount: string,
    namespace: string,
    boundPod?: BoundPod,
    expirationSeconds?: number,
  ): Promise<string>;
  /** The same server as the bearer of a token and of nothing else. */
  withToken(token: string): KubeClient;
  /** The same server over the same connections; every call ends when the signal aborts, with its reason. */
  until(signal: AbortSignal): KubeClient;
  /** Ends idle connections. */
  readonly close: () => void;
}

const PAGE_SIZE = 500;

/** Makes a client. Connections are made on first use and kept. */
export function kubeClient(config: KubeConfig): KubeClient {
  const transport = createTransport(config);
  const discovery = createDiscovery((path) => transport.send("GET", path));
  return clientOver(config, transport, discovery);
}

function clientOver(config: KubeConfig, transport: Transport, discovery: Discovery): KubeClient {
  const paths = pathsOf(config, discovery);
  const calls = {
    config,
    request: transport.send,
    resolve: discovery.resolve,
    forgetKinds: discovery.forget,
    ...paths,
    ...readers(transport, paths),
    ...writers(transport, paths),
    watch: (path: string, options: WatchOptions, onEvent: (event: WatchEvent) => void) =>
      watchCollection(transport, path, options, onEvent),
    createToken: tokenMaker(transport),
    close: transport.close,
  };
  return {
    ...calls,
    withToken(token) {
      const bearer = bearerOnly(config, token);
      return clientOver(bearer, createTransport(bearer), discovery);
    },
    until: (signal) =>
      clientOver(config, transportUntil(transport, signal), discoveryUntil(discovery, signal)),
  };
}

// A client certificate would win over the token, so neither it nor another credential is kept.
function bearerOnly(config: KubeConfig, token: string): KubeConfig {
  const { server, context, namespace, ca, serverName, insecureSkipTlsVerify, cluster } = config;
  return {
    ...{ server, context, namespace, insecureSkipTlsVerify, cluster, token },
    ...(ca && { ca }),
    ...(serverName !== undefined && { serverName }),
  };
}

type Paths = Pick<KubeClient, "collectionPath" | "objectPath">;

function pathsOf(config: KubeConfig, discovery: Discovery): Paths {
  const collectionPath = async (apiVersion: string, kind: string, namespace?: string) => {
    const { plural, namespaced } = await discovery.resolve(apiVersion, kind);
    const scope = namespaced && namespace !== undefined ? `/namespaces/${namespace}` : "";
    return `${groupPath(apiVersion)}${scope}/${plural}`;
  };
  return {
    collectionPath,
    async objectPath(object) {
      const { apiVersion, kind, name, namespace = config.namespace } = refOf(object);
      const collection = await collectionPath(apiVersion, kind, namespace || config.namespace);
      return name === "" ? collection : `${collection}/${encodeURIComponent(name)}`;
    },
  };
}

function readers(transport: Transport, paths: Paths): Pick<KubeClient, "get" | "find" | "list"> {
  const get = async (object: ObjectLike, options: CallOptions = {}) =>
    asObject(await transport.send("GET", await paths.objectPath(object), options));
  return {
    get,
    find: (object, options) =>
      get(object, options).catch((error: unknown) => {
        if (isKubeError(error, "NotFound", "NoKindMatch")) return undefined;
        throw error;
      }),
    async list(apiVersion, kind, { namespace, query = {}, ...options } = {}) {
      const path = await paths.collectionPath(apiVersion, kind, namespace);
      const items: KubeObject[] = [];
      let next: string | undefined;
      do {
        const page = await transport.send("GET", path, {
          ...options,
          query: { limit: PAGE_SIZE, ...query, continue: next },
        });
        items.push(...listItems(page));
        next = textAt(page, "metadata", "continue");
      } while (next !== undefined && next !== "");
      return items;
    },
  };
}

type Writers = Pick<KubeClient, "create" | "apply" | "replace" | "patch" | "remove">;

function writers(transport: Transport, paths: Paths): Writers {
  const write = async (method: string, path: string, body: unknown, options: PatchOptions) => {
    const { contentType, query, signal, fieldManager, dryRun } = options;
    const all = { fieldManager, dryRun: dryRun === true ? "All" : undefined, ...query };
    const sent = {
      body,
      query: all,
      ...(contentType && { contentType }),
      ...(signal && { signal }),
    };
    return asObject(await transport.send(method, path, sent));
  };
  const partPath = async (object: ObjectLike, part?: string) =>
    (await paths.objectPath(object)) + (part === undefined ? "" : `/${part}`);
  return {
    async create(object, options = {}) {
      const nameless = { ...refOf(object), name: "" };
      return write("POST", await paths.objectPath(nameless), object, options);
    },
    async apply(object, { force, subresource, query, ...options } = {}) {
      return write("PATCH", await partPath(object, subresource), object, {
        fieldManager: "kvm-fabric",
        ...options,
        query: { force: force === true ? true : undefined, ...query },
        contentType: "application/apply-patch+yaml",
      });
    },
    replace: async (object, options = {}) =>
      write("PUT", await paths.objectPath(object), object, options),
    patch: async (object, body, { subresource, ...options } = {}) =>
      write("PATCH", await partPath(object, subresource), body, {
        contentType: "application/merge-patch+json",
        ...options,
      }),
    async remove(object, { propagation, query, ...options } = {}) {
      await transport.send("DELETE", await paths.objectPath(object), {
        ...options,
        query: { propagationPolicy: propagation, ...query },
      });
    },
  };
}

function tokenMaker(transport: Transport): KubeClient["createToken"] {
  return async (serviceAccount, namespace, boundPod, expirationSeconds = 3600) => {
    const boundObjectRef = boundPod && { apiVersion: "v1", kind: "Pod", ...boundPod };
    const answer = await transport.send(
      "POST",
      `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`,
      {
        body: {
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenRequest",
          spec: { expirationSeconds, ...(boundObjectRef && { boundObjectRef }) },
        },
      },
    );
    const token = textAt(answer, "status", "token");
    if (token === undefined)
      throw new KubeError(200, "Unknown", "the server sent no token", answer);
    return token;
  };
}

function asObject(answer: unknown): KubeObject {
  if (isKubeObject(answer)) return answer;
  throw new KubeError(200, "Unknown", "the server's answer is not an object of the API", answer);
}
