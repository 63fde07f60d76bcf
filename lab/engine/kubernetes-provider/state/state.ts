import type { KubeObject } from "../../../kube/objects";
import { isProperties, plainProperties, type Properties } from "../../grpc/wire";
import { markSecretKind, markSecrets } from "./secrets";

/** What the state of a resource holds besides the live object. */
export interface StateExtras {
  /** Owner of the resource's fields under server-side apply. */
  fieldManager?: string;
  /** API version the object was created with. */
  initialApiVersion?: string;
  /** The inputs were read off the live object and not given by a program. */
  imported?: boolean;
}

/** A resource's state, taken apart; values are unwrapped. */
export interface ParsedState extends StateExtras {
  live: Properties;
  inputs: Properties;
}

/**
 * The state of a resource: the live object, marked secret where the inputs are, and beside it what the
 * official provider keeps there too (`__imported` is this provider's own).
 */
export function assembleState(
  live: Properties,
  inputs: Properties,
  extras: StateExtras,
): Properties {
  const marked = markSecrets(fromApi(live), inputs);
  return {
    ...markSecretKind(isProperties(marked) ? marked : {}),
    __inputs: inputs,
    ...(extras.initialApiVersion !== undefined && {
      __initialApiVersion: extras.initialApiVersion,
    }),
    ...(extras.fieldManager !== undefined && { __fieldManager: extras.fieldManager }),
    ...(extras.imported === true && { __imported: true }),
  };
}

/** Takes a state apart. */
export function parseState(state: Properties): ParsedState {
  const { __inputs, __initialApiVersion, __fieldManager, __imported, ...live } =
    plainProperties(state);
  return {
    live,
    inputs: isProperties(__inputs) ? __inputs : {},
    ...(typeof __fieldManager === "string" && { fieldManager: __fieldManager }),
    ...(typeof __initialApiVersion === "string" && { initialApiVersion: __initialApiVersion }),
    ...(__imported === true && { imported: true }),
  };
}

/** Property names as the API has them: some of its names hold dashes, which the SDKs write as underscores. */
export function apiKeys(object: Properties): Properties {
  return renameKeys(object, /^x_kubernetes_/, (key) => key.replaceAll("_", "-"));
}

/** Inputs (unwrapped) as the API wants them. */
export function toApi(inputs: Properties): KubeObject {
  const object = apiKeys(inputs);
  const { apiVersion, kind, metadata } = object;
  return {
    ...object,
    apiVersion: String(apiVersion),
    kind: String(kind),
    metadata: isProperties(metadata) ? metadata : {},
  };
}

/** The reverse of `apiKeys`. */
export function fromApi(object: Properties): Properties {
  return renameKeys(object, /^x-kubernetes-/, (key) => key.replaceAll("-", "_"));
}

function renameKeys(
  object: Properties,
  pattern: RegExp,
  rename: (key: string) => string,
): Properties {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    return isProperties(value) ? renameKeys(value, pattern, rename) : value;
  };
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      pattern.test(key) ? rename(key) : key,
      visit(value),
    ]),
  );
}
