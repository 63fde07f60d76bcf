import { addressBlockFaults } from "../shared/address-blocks";
import type { Fault } from "../shared/faults";
import { imageFaults } from "../shared/images";
import { nameFaults } from "../shared/names";
import { wholeNumberFaults } from "../shared/numbers";
import { patternFaults } from "../shared/patterns";
import { cpuFaults, memoryFaults } from "../shared/quantities";
import { maxUnavailableFaults } from "../shared/rollouts";
import { tolerationFaults } from "../shared/tolerations";
import type { ApiGatewayArgs, ApiGatewayPeer } from "./args";
import { defaults } from "./defaults";
import { exposureFaults } from "./exposure-faults";
import { variableFaults } from "./variable-faults";

/** Finds everything that is wrong with the arguments of a gateway. */
export function apiGatewayFaults(name: string, args: ApiGatewayArgs): Fault[] {
  return [
    ...nameFaults("name", name),
    ...imageFaults("image", args.image),
    ...(args.command?.length === 0
      ? [{ path: "command", problem: "empty", fix: "to leave it out for the image's own" }]
      : []),
    ...variableFaults(args),
    ...podFaults(args),
    ...scaleFaults(args),
    ...metricsFaults(args),
    ...exposureFaults(args),
    ...callFaults(args),
  ];
}

function podFaults(args: ApiGatewayArgs): Fault[] {
  const { probes, resources } = args;
  const { terminationGracePeriodSeconds: grace } = args;
  return [
    // Ports below 1024 need a capability that the pod does not have.
    ...wholeNumberFaults("port", args.port, 1024, 65535),
    ...wholeNumberFaults("userId", args.userId, 1, 4_294_967_293),
    ...wholeNumberFaults("preStopSeconds", args.preStopSeconds, 1, 3600),
    ...wholeNumberFaults("terminationGracePeriodSeconds", grace, 2, 86_400),
    ...graceFaults(args),
    ...wholeNumberFaults("probes.startupSeconds", probes?.startupSeconds, 1, 3600),
    ...urlPathFaults("probes.livenessPath", probes?.livenessPath),
    ...urlPathFaults("probes.readinessPath", probes?.readinessPath),
    ...cpuFaults("resources.cpu", resources?.cpu),
    ...memoryFaults("resources.memory", resources?.memory),
    ...tolerationFaults("tolerations", args.tolerations),
  ];
}

/** A fault of the one that was given, since the other is the default. */
function graceFaults(args: ApiGatewayArgs): Fault[] {
  const { preStopSeconds, terminationGracePeriodSeconds } = args;
  const preStop = preStopSeconds ?? defaults.preStopSeconds;
  const grace = terminationGracePeriodSeconds ?? defaults.terminationGracePeriodSeconds;
  if (preStop < grace) return [];
  const problem = "no time to end between the two";
  if (terminationGracePeriodSeconds === undefined) {
    const allowed = `less than terminationGracePeriodSeconds, ${String(grace)}`;
    return [{ path: "preStopSeconds", problem, got: preStop, allowed }];
  }
  const allowed = `more than preStopSeconds, ${String(preStop)}`;
  return [{ path: "terminationGracePeriodSeconds", problem, got: grace, allowed }];
}

function urlPathFaults(path: string, got: string | undefined): Fault[] {
  return patternFaults(path, got, /^\/[\x21-\x7e]*$/, "not a path", "/a/b without spaces");
}

function scaleFaults(args: ApiGatewayArgs): Fault[] {
  const { autoscaling, replicas } = args;
  const budget = maxUnavailableFaults("maxUnavailable", args.maxUnavailable);
  if (autoscaling === undefined) {
    return [...wholeNumberFaults("replicas", replicas, 1, 1000), ...budget];
  }
  const at = "autoscaling";
  const { minReplicas = defaults.replicas, maxReplicas } = autoscaling;
  const stabilisation = ["scaleDownStabilisationSeconds", "scaleUpStabilisationSeconds"] as const;
  return [
    ...(replicas === undefined
      ? []
      : [{ path: "replicas", problem: "given beside autoscaling", fix: `${at}.minReplicas` }]),
    ...wholeNumberFaults(`${at}.minReplicas`, minReplicas, 1, 1000),
    ...wholeNumberFaults(`${at}.maxReplicas`, maxReplicas, minReplicas, 1000),
    ...wholeNumberFaults(`${at}.cpuPercent`, autoscaling.cpuPercent, 1, 1000),
    ...wholeNumberFaults(`${at}.memoryPercent`, autoscaling.memoryPercent, 1, 100),
    ...wholeNumberFaults(`${at}.scaleDownPercent`, autoscaling.scaleDownPercent, 1, 100),
    ...wholeNumberFaults(`${at}.scaleUpPercent`, autoscaling.scaleUpPercent, 1, 1000),
    ...stabilisation.flatMap((key) => wholeNumberFaults(`${at}.${key}`, autoscaling[key], 0, 3600)),
    ...budget,
  ];
}

function metricsFaults({ metrics, port = defaults.port }: ApiGatewayArgs): Fault[] {
  if (metrics === undefined) return [];
  const { intervalSeconds, monitorLabels, scrapers, serviceMonitor } = metrics;
  const metricsPort = metrics.port ?? defaults.metricsPort;
  return [
    ...wholeNumberFaults("metrics.port", metrics.port, 1024, 65535),
    ...(metricsPort === port
      ? [{ path: "metrics.port", problem: "the port that callers reach", got: metricsPort }]
      : []),
    ...urlPathFaults("metrics.path", metrics.path),
    ...wholeNumberFaults("metrics.intervalSeconds", intervalSeconds, 1, 3600),
    ...(scrapers.length === 0
      ? [{ path: "metrics.scrapers", problem: "nobody, so nothing could read them" }]
      : []),
    ...peersFaults("metrics.scrapers", scrapers),
    ...(serviceMonitor === true
      ? []
      : Object.entries({ intervalSeconds, monitorLabels })
          .filter(([, value]) => value !== undefined)
          .map(([key]) => ({
            path: `metrics.${key}`,
            problem: "it is the ServiceMonitor's",
            fix: "serviceMonitor: true",
          }))),
  ];
}

/** Checks whom the gateway calls, and who calls it. */
function callFaults(args: ApiGatewayArgs): Fault[] {
  const { clients = [], consul, consulServers, egress = [], workers } = args;
  return [
    ...peersFaults("clients", clients),
    ...(consulServers === undefined ? [] : peerFaults("consulServers", consulServers)),
    ...(consul === undefined
      ? Object.entries({ consulServers, workers })
          .filter(([, value]) => value !== undefined)
          .map(([path]) => ({ path, problem: "there is no Consul to find them in", fix: "consul" }))
      : []),
    ...(workers === undefined
      ? []
      : [
          ...peerFaults("workers", { namespace: workers.namespace, cidrs: workers.cidrs }),
          ...portsFaults("workers.ports", workers.ports ?? defaults.workerPorts),
        ]),
    ...egress.flatMap(({ ports, to }, index) => [
      ...peerFaults(`egress[${index}].to`, to),
      ...portsFaults(`egress[${index}].ports`, ports),
    ]),
  ];
}

function portsFaults(path: string, ports: readonly number[]): Fault[] {
  if (ports.length === 0) return [{ path, problem: "no port", allowed: "at least one" }];
  return ports.flatMap((port, index) => wholeNumberFaults(`${path}[${index}]`, port, 1, 65535));
}

function peersFaults(path: string, peers: ApiGatewayPeer[]): Fault[] {
  return peers.flatMap((peer, index) => peerFaults(`${path}[${index}]`, peer));
}

/** Without a namespace a policy would mean the gateway's own, which nobody would guess. */
function peerFaults(path: string, { cidrs, namespace, podLabels }: ApiGatewayPeer): Fault[] {
  return [
    ...(namespace === undefined && (cidrs ?? []).length === 0
      ? [{ path, problem: "nobody", allowed: "a namespace, cidrs or both" }]
      : []),
    ...(namespace === undefined && podLabels !== undefined
      ? [{ path: `${path}.podLabels`, problem: "of no namespace", fix: "namespace" }]
      : []),
    ...addressBlockFaults(`${path}.cidrs`, cidrs ?? []),
  ];
}
