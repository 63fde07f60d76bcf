import { setTimeout as sleep } from "node:timers/promises";
import { applyDefinitions, karpenterDefinitions } from "../../../cluster/karpenter";
import type { KubeClient } from "../../../kube/client";
import { isKubeError } from "../../../kube/kube-error";
import type { KubeObject } from "../../../kube/objects";
import { releaseMarker } from "../../../simulators/karpenter/release";
import { ensureTools } from "../../../toolchain";
import { plainProperties, type Properties } from "../../grpc/wire";
import { clientOf } from "../instance";
import type { Operation } from "../operations/outcome";

const CRD_CHART = "karpenter-crd";
const CONTROLLER_CHART = "karpenter";

// Helm's own mark of what a release made.
const RELEASE_NAME = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE = "meta.helm.sh/release-namespace";

const DEFAULT_TIMEOUT_SECONDS = 300;

/** A release, as far as it counts here. */
interface Release {
  chart: string;
  name: string;
  namespace: string;
  timeoutSeconds: number;
}

/**
 * Does for the charts that the lab plays what their release would do: `karpenter-crd` brings Karpenter's real
 * definitions, `karpenter` lets the simulators play its controller. Of any other chart nothing but a record is made.
 */
export async function playChart(operation: Operation, inputs: Properties): Promise<void> {
  const release = releaseOf(inputs);
  if (operation.preview || !isPlayed(release)) return;
  const client = clientOf(operation.instance, operation.signal);
  if (release.chart === CONTROLLER_CHART) {
    await client.apply(markerOf(release), { force: true });
    return;
  }
  const { "karpenter-crds": program } = await ensureTools(["karpenter-crds"]);
  const definitions = await karpenterDefinitions(program);
  const missing: KubeObject[] = [];
  for (const definition of definitions.filter(isOfChart)) {
    const live = await client.find(definition);
    // The lab's own cluster has them from its start: they are not the release's, and stay when it goes.
    if (live === undefined || isOf(live, release)) missing.push(owned(definition, release));
  }
  await applyDefinitions(client, missing);
}

/** Undoes {@link playChart}, and waits for definitions to be gone, as Helm does: for all objects of theirs first. */
export async function unplayChart(operation: Operation, state: Properties): Promise<void> {
  const release = releaseOf(state);
  if (!isPlayed(release)) return;
  const client = clientOf(operation.instance, operation.signal);
  if (release.chart === CONTROLLER_CHART) {
    await removeAnyway(client, markerOf(release));
    return;
  }
  const all = await client.list("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  const own = all.filter((definition) => isOf(definition, release));
  await Promise.all(own.map((definition) => removeAnyway(client, definition)));
  await untilGone(operation, client, own, release);
  client.forgetKinds();
}

function releaseOf(inputs: Properties): Release {
  const { chart, name, namespace, timeout } = plainProperties(inputs);
  return {
    chart: String(chart).split("/").at(-1) ?? "",
    name: String(name),
    namespace: String(namespace),
    timeoutSeconds: typeof timeout === "number" && timeout > 0 ? timeout : DEFAULT_TIMEOUT_SECONDS,
  };
}

function isPlayed({ chart }: Release): boolean {
  return chart === CRD_CHART || chart === CONTROLLER_CHART;
}

function markerOf({ chart, name, namespace }: Release): KubeObject {
  return releaseMarker(chart, namespace, name);
}

// The definitions of Karpenter's KWOK provider are the lab's alone.
function isOfChart({ metadata }: KubeObject): boolean {
  return !(metadata.name ?? "").endsWith(".karpenter.kwok.sh");
}

function isOf({ metadata }: KubeObject, { name, namespace }: Release): boolean {
  const annotations = metadata.annotations ?? {};
  return annotations[RELEASE_NAME] === name && annotations[RELEASE_NAMESPACE] === namespace;
}

function owned(definition: KubeObject, { name, namespace }: Release): KubeObject {
  const { metadata } = definition;
  const annotations = {
    ...metadata.annotations,
    [RELEASE_NAME]: name,
    [RELEASE_NAMESPACE]: namespace,
  };
  const labels = { ...metadata.labels, "app.kubernetes.io/managed-by": "Helm" };
  return { ...definition, metadata: { ...metadata, annotations, labels } };
}

async function removeAnyway(client: KubeClient, object: KubeObject): Promise<void> {
  try {
    await client.remove(object);
  } catch (error) {
    if (!isKubeError(error, "NotFound")) throw error;
  }
}

async function untilGone(
  { signal }: Operation,
  client: KubeClient,
  definitions: readonly KubeObject[],
  { name, namespace, timeoutSeconds }: Release,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (const definition of definitions) {
    while ((await client.find(definition)) !== undefined) {
      if (Date.now() > deadline || signal.aborted) {
        const left = definition.metadata.name ?? "";
        throw new Error(
          `Helm release ${namespace}/${name}: ${left} was not gone after ${timeoutSeconds} s; objects of it are held by finalizers`,
        );
      }
      await sleep(200);
    }
  }
}
