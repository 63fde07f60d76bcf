import { omit } from "../../../kube/objects";
import {
  isProperties,
  isUnknown,
  plainProperties,
  UNKNOWN,
  type Properties,
} from "../../grpc/wire";
import { urnName } from "../../grpc/urn";
import { suffix } from "../check/autoname";
import type { CheckRequest, CheckResult } from "../check/check";
import type { Failure } from "../config/check-config";
import { differences } from "../diff/compare";
import { formatPath } from "../diff/property-path";
import type { DiffRequest, DiffResult } from "../diff/diff";
import type { Instance } from "../instance";
import { idOf } from "../kinds";
import { markSecrets } from "../state/secrets";

/** What stands in a release's status: nobody must take it for an installed one. */
export const RECORDED = "recorded, not rendered";

// An exact version; ranges would be resolved by the chart repository, which is not asked here.
const EXACT_VERSION = /^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** Checks a Helm release as far as that is possible without its chart. */
export function checkRelease(instance: Instance, request: CheckRequest): CheckResult {
  const plain = plainProperties(request.news);
  const olds = plainProperties(request.olds);
  const failures = releaseFaults(plain);
  if (failures.length > 0) return { inputs: request.news, failures };
  const given = omit(plain, "resourceNames");
  const inputs: Properties = {
    ...given,
    name: given.name ?? olds.name ?? `${urnName(request.urn)}-${suffix(request.randomSeed)}`,
    namespace: given.namespace ?? instance.client?.config.namespace ?? "default",
    ...(given.skipAwait !== true && { timeout: given.timeout ?? 300 }),
  };
  const marked = markSecrets(inputs, request.news);
  return { inputs: isProperties(marked) ? marked : inputs, failures: [] };
}

function releaseFaults(release: Properties): Failure[] {
  const { chart, version } = release;
  const failures: Failure[] = [];
  const fault = (property: string, reason: string) => failures.push({ property, reason });
  if (isUnknown(chart)) return [];
  if (typeof chart !== "string" || chart === "") {
    fault("chart", `must name a chart, got ${JSON.stringify(chart)}`);
    return failures;
  }
  if (/^\.{0,2}\//.test(chart)) return failures;
  if (!isUnknown(version) && !(typeof version === "string" && EXACT_VERSION.test(version))) {
    fault("version", `must be an exact version such as 1.2.3, got ${JSON.stringify(version)}`);
  }
  const options = release.repositoryOpts;
  const repository = isProperties(options) ? options.repo : options;
  const isAddress = typeof repository === "string" && /^https?:\/\//.test(repository);
  if (!chart.startsWith("oci://") && !isUnknown(repository) && !isAddress) {
    fault(
      "repositoryOpts.repo",
      `must be the address of the chart's repository, got ${JSON.stringify(repository)}`,
    );
  }
  return failures;
}

/** Compares a release's inputs; only another name or namespace needs a new release. */
export function diffRelease({ oldInputs, news }: DiffRequest): DiffResult {
  const found = differences(plainProperties(oldInputs), plainProperties(news));
  const changes = found.map(({ path, kind }) => ({
    path: formatPath(path),
    kind,
    replace: path[0] === "name" || path[0] === "namespace",
  }));
  return { changes, deleteBeforeReplace: false };
}

/** The state of a release: its inputs, and a status that says that nothing was installed. */
export function recordRelease(
  instance: Instance,
  urn: string,
  inputs: Properties,
  revision: number,
  preview: boolean,
): { id: string; state: Properties } {
  const plain = plainProperties(inputs);
  const name = String(plain.name);
  const namespace = String(plain.namespace);
  if (preview) {
    return { id: "", state: { ...inputs, resourceNames: UNKNOWN, status: UNKNOWN } };
  }
  instance.log.warn(
    urn,
    `Helm release ${namespace}/${name} is ${RECORDED}: charts need the official provider`,
  );
  const status = {
    appVersion: "",
    chart: plain.chart,
    name,
    namespace,
    revision,
    status: RECORDED,
    version: plain.version ?? "",
  };
  return { id: idOf(name, namespace), state: { ...inputs, resourceNames: {}, status } };
}

/** The revision kept in a release's state; 0 where there is none. */
export function revisionOf(state: Properties): number {
  const { status } = plainProperties(state);
  return isProperties(status) && typeof status.revision === "number" ? status.revision : 0;
}
