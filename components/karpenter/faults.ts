import { KvmAccess } from "../kvm-node-pool/catalogue/machine";
import type { Fault } from "../shared/faults";
import { nameFaults } from "../shared/names";
import { domainFaults } from "../shared/node-contract";
import { wholeNumberFaults } from "../shared/numbers";
import { cpuFaults, memoryFaults } from "../shared/quantities";
import { tolerationFaults } from "../shared/tolerations";
import type { KarpenterArgs } from "./args";
import { awsPoolFaults } from "./aws-pool-faults";
import { KarpenterConsolidation } from "./pool-args";
import { poolListFaults } from "./pool-faults";
import { KARPENTER_VERSION, versionFaults } from "./versions";

/** Finds everything that is wrong with the arguments of Karpenter. */
export function karpenterFaults(name: string, args: KarpenterArgs): Fault[] {
  return [
    ...nameFaults("name", name),
    ...(args.domain === undefined ? [] : domainFaults("domain", args.domain)),
    ...versionFaults("version", {
      version: args.version ?? KARPENTER_VERSION,
      kubernetesVersion: knownKubernetes(args),
      nested: args.pools.some(({ kvm }) => kvm === KvmAccess.Nested),
      balanced: args.pools.some(
        ({ scaling }) => scaling?.consolidation === KarpenterConsolidation.Balanced,
      ),
    }),
    ...controllerFaults(args),
    ...tagFaults("tags", args.tags ?? {}),
    ...poolListFaults("pools", args.pools),
    ...args.pools.flatMap((pool, index) => awsPoolFaults(`pools[${index}]`, pool, args.domain)),
  ];
}

/** The cluster's version where it is said or plain text; in most programs it is an output, known later. */
function knownKubernetes({ kubernetesVersion, cluster }: KarpenterArgs): string | undefined {
  if (kubernetesVersion !== undefined) return kubernetesVersion;
  return typeof cluster.kubernetesVersion === "string" ? cluster.kubernetesVersion : undefined;
}

function controllerFaults(args: KarpenterArgs): Fault[] {
  const { chartRepository, namespace } = args;
  const faults = [
    ...wholeNumberFaults("replicas", args.replicas, 1, 5),
    ...wholeNumberFaults("chartTimeoutSeconds", args.chartTimeoutSeconds, 60, 3600),
    ...cpuFaults("resources.cpu", args.resources?.cpu),
    ...memoryFaults("resources.memory", args.resources?.memory),
    ...tolerationFaults("tolerations", args.tolerations),
    ...(namespace === undefined ? [] : nameFaults("namespace", namespace)),
    ...(args.nodePolicyArns ?? []).flatMap(policyFaults),
  ];
  if (chartRepository !== undefined && !/^oci:\/\/[a-z0-9.:/_-]+[a-z0-9]$/.test(chartRepository)) {
    faults.push({
      path: "chartRepository",
      problem: "not a registry of charts",
      got: chartRepository,
      allowed: '"oci://" and the path above the two charts',
    });
  }
  return faults;
}

function policyFaults(got: string, index: number): Fault[] {
  if (/^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy\/\S+$/.test(got)) return [];
  const path = `nodePolicyArns[${String(index)}]`;
  return [
    { path, problem: "not the ARN of a policy", got, allowed: "arn:aws:iam::...:policy/..." },
  ];
}

const RESERVED_TAG =
  /^(aws:|kubernetes\.io\/cluster|karpenter\.sh\/(nodepool|nodeclaim)$|karpenter\.k8s\.aws\/ec2nodeclass$|eks:eks-cluster-name$)/;

function tagFaults(path: string, tags: Record<string, string>): Fault[] {
  return Object.keys(tags).flatMap((key): Fault[] => {
    if (key !== "" && key.length <= 128 && !RESERVED_TAG.test(key)) return [];
    const problem = key === "" ? "a tag without a key" : "a tag that AWS or Karpenter sets itself";
    return [{ path: `${path}.${key}`, problem }];
  });
}
