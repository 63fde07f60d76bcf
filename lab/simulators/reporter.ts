import { isPodGone, isRefused, isStale } from "./answers";
import type { Log } from "./log";
import type { Metrics } from "./metrics";
import type { ObjectCache } from "./object-cache";
import type { NodeView, PodView } from "./objects";
import { nextWrite, reportsFor, type Report } from "./report-plan";
import type { PodIdentity, SimulatorApi } from "./simulator-api";

/** What the reporter works with. */
export interface ReporterParts {
  api: SimulatorApi;
  nodes: ObjectCache<NodeView>;
  /** The provisioner pods that run on a node, as far as they are known. */
  podsOn: (node: string) => Iterable<PodView>;
  /** Which pods have reported, by uid, and the uid of the node they reported on. */
  reported: Map<string, string>;
  metrics: Metrics;
  log: Log;
}

/** How often a report begins anew because the node changed under its hands, before it is put off. */
const MOST_STALE_WRITES = 5;

/**
 * Makes the function that stands for the `report` containers on one node. It makes the writes still
 * missing, as the pod and with nothing but that pod's rights. Throws what the API server refused, so
 * that the caller tries again later.
 *
 * Like the real container it reports once in its life and then rests, whatever becomes of the node. A
 * new node under the old name starts the containers of its pods anew, so these report again.
 */
export function reporter(parts: ReporterParts) {
  const { nodes, podsOn, reported } = parts;
  return async (nodeName: string): Promise<void> => {
    const node = nodes.get(nodeName);
    if (node === undefined) {
      return;
    }
    for (const report of reportsFor(node, podsOn(nodeName))) {
      if (reported.get(report.podUid) === node.metadata.uid) {
        continue;
      }
      if (nextWrite(report, node) === undefined || (await reportAs(parts, nodeName, report))) {
        reported.set(report.podUid, node.metadata.uid);
      }
    }
  };
}

// Whether the report came to its end; it does not where the pod went away.
async function reportAs(parts: ReporterParts, nodeName: string, report: Report): Promise<boolean> {
  let identity: PodIdentity | undefined;
  try {
    identity = await parts.api.actAs(report);
    await bringUpToDate(parts, nodeName, report, identity);
    parts.metrics.count("reports_total");
    return true;
  } catch (error) {
    if (isPodGone(error, identity !== undefined)) {
      return false;
    }
    if (isRefused(error)) {
      parts.metrics.count("node_writes_refused_total");
      const who = `${report.namespace}/${report.podName}`;
      parts.log(`REFUSED: report of pod ${who} on node ${nodeName}: ${error.message}`);
    }
    throw error;
  } finally {
    identity?.close();
  }
}

async function bringUpToDate(
  { metrics }: ReporterParts,
  nodeName: string,
  report: Report,
  identity: PodIdentity,
): Promise<void> {
  let node = await identity.readNode(nodeName);
  let staleWrites = 0;
  for (let write = nextWrite(report, node); write; write = nextWrite(report, node)) {
    try {
      node = await identity.writeNode(nodeName, write);
      metrics.count("node_writes_total");
    } catch (error) {
      if (!isStale(error) || staleWrites >= MOST_STALE_WRITES) throw error;
      staleWrites += 1;
      metrics.count("node_writes_stale_total");
      node = await identity.readNode(nodeName);
    }
  }
}
