import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../../../kube/client";
import { refOf, type KubeObject } from "../../../kube/objects";
import { AwaitError } from "./await-error";
import { explain } from "./pods";
import type { AwaitRule, Phase, Readiness, Surroundings } from "./readiness";
import { isAwaitSkipped, ruleFor, timeoutOf } from "./rules";

/** How to wait. */
export interface WaitOptions {
  client: KubeClient;
  phase: Phase;
  /** The resource's own time limit; 0 where it has none. */
  timeoutSeconds: number;
  /** Told what is being waited for, whenever that changes. */
  report: (message: string) => void;
  signal: AbortSignal;
}

const SHORTEST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 1_000;
/** Pods and events are asked for reasons this often, in milliseconds: they cost two calls. */
const EXPLAIN_MS = 10_000;

/** Waits until an object is ready and returns it as it is then. Throws AwaitError where it does not become so. */
export async function waitUntilReady(live: KubeObject, options: WaitOptions): Promise<KubeObject> {
  const rule = ruleFor(live);
  if (!rule) return live;
  const around = surroundings(options.client);
  const first = await rule.evaluate(live, around, options.phase);
  if (first.state === "ready") return live;
  return follow(live, first, rule, around, options);
}

/** Looks once whether a known object is ready. */
export async function readinessOnRead(live: KubeObject, client: KubeClient): Promise<Readiness> {
  const rule = ruleFor(live);
  if (rule?.onRead !== true || isAwaitSkipped(live)) return { state: "ready" };
  return rule.evaluate(live, surroundings(client), "read");
}

function surroundings(client: KubeClient): Surroundings {
  return {
    list: (apiVersion, kind, namespace, labelSelector, fieldSelector) =>
      client.list(apiVersion, kind, {
        ...(namespace !== "" && { namespace }),
        query: { labelSelector, fieldSelector },
      }),
    find: (apiVersion, kind, name) => client.find({ apiVersion, kind, name }),
  };
}

async function follow(
  start: KubeObject,
  first: Readiness,
  rule: AwaitRule,
  around: Surroundings,
  options: WaitOptions,
): Promise<KubeObject> {
  const seconds = timeoutOf(start, options.timeoutSeconds, rule);
  const deadline = Date.now() + seconds * 1000;
  const view = await watchOne(start, options);
  const report = reporter(around, options);
  const evaluate = async (live: KubeObject) => rule.evaluate(live, around, options.phase);
  let readiness = first;
  let lookMs = SHORTEST_LOOK_MS;
  try {
    while (readiness.state === "waiting" && Date.now() < deadline && !view.ended()) {
      await report(view.latest(), readiness.reasons);
      const seen = view.latest();
      const pause = rule.looksAround === true ? lookMs : EXPLAIN_MS;
      await view.changed(Math.min(pause, Math.max(1, deadline - Date.now())));
      lookMs = seen === view.latest() ? Math.min(lookMs * 2, LONGEST_LOOK_MS) : SHORTEST_LOOK_MS;
      readiness = await evaluate(view.latest()).catch((error: unknown) => {
        if (options.signal.aborted) return readiness;
        throw error;
      });
    }
  } finally {
    view.stop();
  }
  if (readiness.state === "ready") return view.latest();
  const details = options.signal.aborted
    ? []
    : await explain(view.latest(), around).catch(() => []);
  const reasons = [...readiness.reasons, ...details];
  throw new AwaitError(verdict(start, readiness, view.ended(), seconds), view.latest(), reasons);
}

function verdict(object: KubeObject, readiness: Readiness, ended: string, seconds: number): string {
  const { name = "", namespace } = object.metadata;
  const what = `${object.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
  if (ended !== "") return `${what}: ${ended}`;
  if (readiness.state === "failed") return `${what} failed`;
  return `${what} was not ready within ${seconds} seconds`;
}

function reporter(around: Surroundings, options: WaitOptions) {
  let last = "";
  let explainedAt = Date.now();
  return async (live: KubeObject, reasons: readonly string[]) => {
    let message = reasons.join("; ");
    if (Date.now() - explainedAt > EXPLAIN_MS) {
      explainedAt = Date.now();
      const details = await explain(live, around).catch(() => []);
      message = [...reasons, ...details].join("; ");
    }
    if (message !== last) options.report(message);
    last = message;
  };
}

/** The newest picture of one object. */
interface View {
  latest(): KubeObject;
  /** Why there is no point in looking any longer; "" while there is. */
  ended(): string;
  /** Resolves at the next change, at the latest after `milliseconds`. */
  changed(milliseconds: number): Promise<void>;
  stop(): void;
}

async function watchOne(start: KubeObject, { client, signal }: WaitOptions): Promise<View> {
  const { name, ...ref } = refOf(start);
  const path = await client.collectionPath(ref.apiVersion, ref.kind, ref.namespace);
  const own = new AbortController();
  let latest = start;
  let ended = "";
  let wake = new AbortController();
  const end = (why: string) => {
    if (ended === "") ended = why;
    wake.abort();
  };
  const onAbort = () => {
    end("the operation was cancelled while waiting");
  };
  // Ends with this wait: the signal outlives it.
  signal.addEventListener("abort", onAbort, { signal: own.signal });
  if (signal.aborted) onAbort();
  const options = {
    query: { fieldSelector: `metadata.name=${name}` },
    signal: AbortSignal.any([own.signal, signal]),
    ...(start.metadata.resourceVersion !== undefined && { since: start.metadata.resourceVersion }),
  };
  client
    .watch(path, options, (event) => {
      if (event.object.metadata.uid !== start.metadata.uid) return;
      if (event.type === "DELETED") end("the object was deleted by someone else");
      latest = event.object;
      wake.abort();
    })
    .catch((error: unknown) => {
      end(`cannot be watched: ${error instanceof Error ? error.message : String(error)}`);
    });
  return {
    latest: () => latest,
    ended: () => ended,
    async changed(milliseconds) {
      await sleep(milliseconds, undefined, { signal: wake.signal }).catch(() => undefined);
      wake = new AbortController();
    },
    stop: () => {
      own.abort();
    },
  };
}
