import type { KubeClient } from "../kube/client";
import { addressGiver, EdgeKind, needsAddress } from "./addresses";
import { devicePlugin } from "./device-plugin";
import { departures } from "./departure";
import { playKarpenter } from "./karpenter/controller";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import { ObjectCache } from "./object-cache";
import {
  keyOf,
  parseClaim,
  parseEdge,
  parseNode,
  parsePod,
  parseStorageClass,
  parseVolume,
  type PodView,
} from "./objects";
import { podsByNode } from "./pods-by-node";
import { PROVISIONER_SELECTOR, reportingOf } from "./report-plan";
import { reporter } from "./reporter";
import { simulatorApi } from "./simulator-api";
import { selectedNode, SIMULATED_LABEL } from "./volume-plan";
import { volumeProvisioner, volumeRemover } from "./volumes";
import { WorkQueue } from "./work-queue";

/** What the simulators run with. */
export interface SimulatorOptions {
  client: KubeClient;
  log: Log;
  metrics: Metrics;
  /** Ends the simulators. */
  signal: AbortSignal;
}

/**
 * Runs everything that no simulated node does itself: device plugin, reporting containers, volumes, addresses of load balancers
 * and Ingresses, Karpenter where its
 * chart is recorded as installed.
 *
 * All of it follows from watches; nothing is asked for at intervals. Resolves once the signal aborts
 * and the work under way has ended. Rejects where the API server refuses a watch.
 */
export async function runSimulators(options: SimulatorOptions): Promise<void> {
  const caches = objectCaches();
  const queues = workQueues(options, caches);
  connect(options, caches, queues);
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  try {
    await Promise.all([
      ...watches(options.client, caches, signal),
      playKarpenter({ client: options.client, log: options.log, signal }),
    ]);
  } finally {
    stop.abort();
    await Promise.all(Object.values(queues).map((queue) => queue.stop()));
  }
}

function objectCaches() {
  return {
    nodes: new ObjectCache(parseNode),
    pods: new ObjectCache(parsePod),
    claims: new ObjectCache(parseClaim),
    volumes: new ObjectCache(parseVolume),
    storageClasses: new ObjectCache(parseStorageClass),
    services: new ObjectCache(parseEdge),
    ingresses: new ObjectCache(parseEdge),
  };
}

type Caches = ReturnType<typeof objectCaches>;

function workQueues({ client, log, metrics }: SimulatorOptions, caches: Caches) {
  const api = simulatorApi(client);
  const parts = {
    ...caches,
    ...{ api, log, metrics },
    podsOn: podsByNode(caches.pods),
    reported: forgetful<string>(caches),
    departed: forgetful<number>(caches),
  };
  const [depart, report] = [departures(parts), reporter(parts)];
  const queue = (name: string, work: (key: string) => Promise<void>) =>
    new WorkQueue(work, {
      onFailure: (key, error, retryInMilliseconds) => {
        metrics.count("failures_total");
        const why = error instanceof Error ? error.message : String(error);
        log(`${name}: ${key}: ${why}; again in ${retryInMilliseconds} ms`);
      },
    });
  return {
    devices: queue("device plugin", devicePlugin(parts)),
    // One after the other, so that no label is written after its pod took it off.
    reports: queue("report", async (node) => {
      await depart(node);
      await report(node);
    }),
    provisioning: queue("volume", volumeProvisioner(parts)),
    removal: queue("volume removal", volumeRemover(parts)),
    balancing: queue(
      "load balancer",
      addressGiver({ ...parts, edges: caches.services, kind: EdgeKind.Service }),
    ),
    routing: queue(
      "ingress",
      addressGiver({ ...parts, edges: caches.ingresses, kind: EdgeKind.Ingress }),
    ),
  };
}

/** What is known of pods by uid, until they are gone. */
function forgetful<Value>({ pods }: Caches): Map<string, Value> {
  const known = new Map<string, Value>();
  pods.onChange((pod) => {
    if (pods.get(keyOf(pod)) === undefined) known.delete(pod.metadata.uid);
  });
  return known;
}

type Queues = ReturnType<typeof workQueues>;

function connect({ log }: SimulatorOptions, caches: Caches, queues: Queues): void {
  caches.nodes.onChange(({ metadata: { name } }) => {
    queues.devices.add(name);
    queues.reports.add(name);
    for (const claim of caches.claims.values()) {
      if (selectedNode(claim) === name) queues.provisioning.add(keyOf(claim));
    }
  });
  caches.pods.onChange((pod) => {
    warnOfBroken(pod, log);
    if (pod.spec.nodeName === undefined) return;
    // A pod that is told to end has its grace period and no more.
    if (pod.metadata.deletionTimestamp === undefined) queues.reports.add(pod.spec.nodeName);
    else queues.reports.hurry(pod.spec.nodeName);
  });
  caches.claims.onChange((claim) => {
    queues.provisioning.add(keyOf(claim));
  });
  caches.storageClasses.onChange(() => {
    for (const claim of caches.claims.values()) queues.provisioning.add(keyOf(claim));
  });
  caches.volumes.onChange(({ metadata: { name } }) => {
    queues.removal.add(name);
  });
  caches.services.onChange((service) => {
    if (needsAddress(service, EdgeKind.Service)) queues.balancing.add(keyOf(service));
  });
  caches.ingresses.onChange((ingress) => {
    if (needsAddress(ingress, EdgeKind.Ingress)) queues.routing.add(keyOf(ingress));
  });
}

function warnOfBroken(pod: PodView, log: Log): void {
  const reporting = reportingOf(pod);
  if (reporting.state === "broken") {
    log(`pod ${keyOf(pod)} will never report: ${reporting.reason}`);
  }
}

function watches(client: KubeClient, caches: Caches, signal: AbortSignal): Promise<void>[] {
  const watch = (path: string, cache: Caches[keyof Caches], labelSelector?: string) =>
    client.watch(path, { signal, query: { labelSelector } }, (event) => {
      cache.apply(event);
    });
  return [
    watch("/api/v1/nodes", caches.nodes),
    watch("/api/v1/pods", caches.pods, PROVISIONER_SELECTOR),
    watch("/api/v1/persistentvolumeclaims", caches.claims),
    watch("/api/v1/persistentvolumes", caches.volumes, SIMULATED_LABEL),
    watch("/apis/storage.k8s.io/v1/storageclasses", caches.storageClasses),
    watch("/api/v1/services", caches.services),
    watch("/apis/networking.k8s.io/v1/ingresses", caches.ingresses),
  ];
}
