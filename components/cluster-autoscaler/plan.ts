import { planned, type Fault, type Planned } from "../shared/faults";
import { memberFaults } from "../shared/members";
import { nameFaults } from "../shared/names";
import { domainFaults, nodeContract, type Toleration } from "../shared/node-contract";
import { wholeNumberFaults } from "../shared/numbers";
import { tolerationFaults } from "../shared/tolerations";
import {
  AutoscalerExpander,
  type AutoscalerSettings,
  type AwsClusterAutoscalerArgs,
  type ClusterAutoscalerArgs,
} from "./args";

/** A cluster autoscaler, with every default filled in. */
export interface AutoscalerPlan {
  chartRepository: string;
  chartVersion: string;
  namespace: string;
  settings: Required<AutoscalerSettings>;
  /** The taint that a node carries until it is proven. */
  startupTaint: string;
}

/** The chart whose autoscaler is 1.35.0. Source: https://github.com/kubernetes/autoscaler (2026-08) */
export const AUTOSCALER_CHART_VERSION = "9.59.0";

const defaults = Object.freeze({
  chartRepository: "https://kubernetes.github.io/autoscaler",
  chartVersion: AUTOSCALER_CHART_VERSION,
  namespace: "kube-system",
});

const defaultTolerations: readonly Toleration[] = Object.freeze([
  { key: "CriticalAddonsOnly", operator: "Exists" },
]);

/** Plans the autoscaler of self-managed groups of EC2, or names every fault. */
export function planAwsAutoscaler(
  name: string,
  args: AwsClusterAutoscalerArgs,
): Planned<AutoscalerPlan> {
  return planned(commonFaults(name, args), () => plan(args));
}

/** Plans the autoscaler of machines that a service of one's own starts and ends, or names every fault. */
export function planAutoscaler(name: string, args: ClusterAutoscalerArgs): Planned<AutoscalerPlan> {
  return planned([...commonFaults(name, args), ...addressFaults(args.address)], () => plan(args));
}

/** What both kinds of autoscaler are told. */
interface CommonArgs {
  chartRepository?: string;
  chartVersion?: string;
  domain?: string;
  namespace?: string;
  settings?: AutoscalerSettings;
}

function plan(args: CommonArgs): AutoscalerPlan {
  return {
    chartRepository: args.chartRepository ?? defaults.chartRepository,
    chartVersion: args.chartVersion ?? defaults.chartVersion,
    namespace: args.namespace ?? defaults.namespace,
    startupTaint: nodeContract(args.domain).startupTaint,
    settings: {
      expander: AutoscalerExpander.LeastWaste,
      maxNodeProvisionMinutes: 30,
      nodeSelector: {},
      replicas: 2,
      scaleDownUnneededMinutes: 10,
      tolerations: [...defaultTolerations],
      ...args.settings,
    },
  };
}

function commonFaults(name: string, args: CommonArgs): Fault[] {
  const { chartRepository, chartVersion, namespace, settings = {} } = args;
  const faults = [
    ...nameFaults("name", name),
    ...(args.domain === undefined ? [] : domainFaults("domain", args.domain)),
    ...(namespace === undefined ? [] : nameFaults("namespace", namespace)),
    ...wholeNumberFaults("settings.replicas", settings.replicas, 1, 5),
    ...wholeNumberFaults(
      "settings.maxNodeProvisionMinutes",
      settings.maxNodeProvisionMinutes,
      5,
      120,
    ),
    ...wholeNumberFaults(
      "settings.scaleDownUnneededMinutes",
      settings.scaleDownUnneededMinutes,
      1,
      1440,
    ),
    ...tolerationFaults("settings.tolerations", settings.tolerations),
    ...memberFaults("settings.expander", settings.expander, Object.values(AutoscalerExpander)),
  ];
  if (chartVersion !== undefined && !/^[0-9]+\.[0-9]+\.[0-9]+$/.test(chartVersion)) {
    const allowed = `an exact version, as in ${AUTOSCALER_CHART_VERSION}`;
    faults.push({ path: "chartVersion", problem: "not pinned", got: chartVersion, allowed });
  }
  if (chartRepository !== undefined && !/^(https|oci):\/\/\S+[^/\s]$/.test(chartRepository)) {
    const allowed = '"https://" or "oci://" and a path';
    faults.push({ path: "chartRepository", problem: "not a registry of charts", allowed });
  }
  return faults;
}

function addressFaults(got: string): Fault[] {
  const [, host = "", port = ""] =
    /^([a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})$/.exec(got) ?? [];
  if (host !== "" && Number(port) >= 1 && Number(port) <= 65535) return [];
  const allowed = "a host and a port, as in machines.example.com:8086";
  return [{ path: "address", problem: "not an address", got, allowed }];
}
