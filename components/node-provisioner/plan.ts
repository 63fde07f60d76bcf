import type { Hugepages } from "../host-profile/host-profile";
import { planned, type Fault, type Planned } from "../shared/faults";
import { imageFaults } from "../shared/images";
import { nameFaults, objectName } from "../shared/names";
import {
  agentTolerations,
  DEFAULT_DOMAIN,
  domainFaults,
  nodeContract,
  type NodeContract,
  type Toleration,
} from "../shared/node-contract";
import { wholeNumberFaults } from "../shared/numbers";
import { maxUnavailableFaults, maxUnavailablePods } from "../shared/rollouts";
import { tolerationFaults } from "../shared/tolerations";
import { architectures, assetSetFaults, assetSetId, type AssetSet } from "./asset-set";
import { assetsRootFaults, DEFAULT_ASSETS_ROOT } from "./assets-root";
import { gateDefaults } from "./boot-gate";
import { policyFaults } from "./doctor-policy";
import { filesHash, provisionerFiles, type ProvisionerFiles } from "./files";
import { type PlannedMirror, plannedMirrors } from "./mirrors";

/** What the planner reads of the component's arguments: all that decides shape. */
export interface ProvisionerShape {
  assets: AssetSet;
  image: string;
  domain?: string;
  tolerations?: Toleration[];
  assetsRoot?: string;
  canary?: boolean;
  doctorPolicy?: Record<string, string>;
  hugepages?: Hugepages;
  keepVersions?: number;
  maxUnavailable?: string;
  microVmDeadlineSeconds?: number;
  paused?: boolean;
  previousAssets?: AssetSet[];
  priorityClassName?: string;
  rollbackTo?: string;
}

/** The arguments with every default filled in, and the names of all objects. */
export interface ProvisionerPlan {
  instance: string;
  contract: NodeContract;
  /** Id of the asset set that is wanted, which is also the value of the assets label. */
  assetSet: string;
  /** Ids of all sets that a node may be labelled with. */
  allowedSets: string[];
  files: ProvisionerFiles;
  /** Name of the ConfigMap with the files, which tells one content from another. */
  filesName: string;
  mirrors: PlannedMirror[];
  image: string;
  assetsRoot: string;
  /** Memory that the largest throwaway microVM takes, in MiB. */
  gateMemoryMib: number;
  hugepages: Hugepages | undefined;
  keepVersions: number;
  /** Name of the Lease of the wanted set; empty where there is no canary. */
  leaseName: string;
  /** Pods that a rollout may have down at once: a number, or a string as in "10%". */
  maxUnavailable: number | string;
  microVmDeadlineSeconds: number;
  paused: boolean;
  priorityClassName: string;
  tolerations: Toleration[];
  /** Name of the namespaced objects and of the cluster role with its binding. */
  objectName: string;
  /** Name of the admission policy of node writes and its binding. */
  policyName: string;
  /** Name of the admission policy of all other writes and its binding. */
  reportPolicyName: string;
}

const defaults = Object.freeze({
  keepVersions: 2,
  maxUnavailable: "10%",
  microVmDeadlineSeconds: 0,
  priorityClassName: "system-node-critical",
});

/** Checks the arguments and fills in the defaults: a plan, or every fault. */
export function planNodeProvisioner(
  name: string,
  args: ProvisionerShape,
): Planned<ProvisionerPlan> {
  return planned(provisionerFaults(name, args), () => {
    const wanted = wantedSet(args);
    const contract = nodeContract(args.domain ?? DEFAULT_DOMAIN);
    const assetSet = assetSetId(wanted);
    const mirrors = plannedMirrors(wanted.mirrors ?? []);
    const files = provisionerFiles(contract, wanted, mirrors, args.doctorPolicy);
    return {
      instance: name,
      contract,
      assetSet,
      allowedSets: [...new Set([args.assets, ...(args.previousAssets ?? [])].map(assetSetId))],
      files,
      filesName: objectName([name, filesHash(files)]),
      mirrors,
      image: args.image,
      assetsRoot: args.assetsRoot ?? DEFAULT_ASSETS_ROOT,
      gateMemoryMib: gateMemoryMib(wanted),
      hugepages: args.hugepages,
      keepVersions: args.keepVersions ?? defaults.keepVersions,
      leaseName: args.canary === false ? "" : objectName([name, assetSet]),
      maxUnavailable: maxUnavailablePods(args.maxUnavailable ?? defaults.maxUnavailable),
      microVmDeadlineSeconds: args.microVmDeadlineSeconds ?? defaults.microVmDeadlineSeconds,
      paused: args.paused ?? false,
      priorityClassName: args.priorityClassName ?? defaults.priorityClassName,
      tolerations: [...agentTolerations(contract), ...(args.tolerations ?? [])],
      objectName: objectName([name]),
      policyName: objectName([name, "node-writes"]),
      reportPolicyName: objectName([name, "reports"]),
    };
  });
}

function wantedSet({ assets, previousAssets = [], rollbackTo }: ProvisionerShape): AssetSet {
  return previousAssets.find((set) => assetSetId(set) === rollbackTo) ?? assets;
}

function gateMemoryMib(set: AssetSet): number {
  const sizes = architectures.flatMap((architecture) => {
    const assets = set[architecture];
    if (!assets || (!assets.gate && !assets.vmm)) return [];
    return [assets.gate?.memoryMib ?? gateDefaults.memoryMib];
  });
  return Math.max(0, ...sizes);
}

function provisionerFaults(name: string, args: ProvisionerShape): Fault[] {
  const { domain = DEFAULT_DOMAIN, maxUnavailable = defaults.maxUnavailable } = args;
  const { priorityClassName = defaults.priorityClassName } = args;
  return [
    ...nameFaults("name", name),
    ...assetSetFaults("assets", args.assets),
    ...imageFaults("image", args.image),
    ...domainFaults("domain", domain),
    ...tolerationFaults("tolerations", args.tolerations),
    ...assetsRootFaults("assetsRoot", args.assetsRoot),
    ...policyFaults("doctorPolicy", args.doctorPolicy),
    ...wholeNumberFaults("keepVersions", args.keepVersions, 1, 20),
    ...maxUnavailableFaults("maxUnavailable", maxUnavailable),
    ...wholeNumberFaults("microVmDeadlineSeconds", args.microVmDeadlineSeconds, 0, 86_400),
    ...priorityFaults("priorityClassName", priorityClassName),
    ...previousFaults(args),
  ];
}

function previousFaults({ previousAssets = [], rollbackTo }: ProvisionerShape): Fault[] {
  const faults = previousAssets.flatMap((set, index) =>
    assetSetFaults(`previousAssets[${String(index)}]`, set),
  );
  if (rollbackTo === undefined || faults.length > 0) return faults;
  const ids = previousAssets.map(assetSetId);
  if (ids.includes(rollbackTo)) return [];
  return [
    {
      path: "rollbackTo",
      problem: "not the id of an earlier asset set",
      got: rollbackTo,
      allowed:
        ids.length > 0 ? ids.join(", ") : "the id of one of previousAssets, and there is none",
    },
  ];
}

function priorityFaults(path: string, value: string): Fault[] {
  if (/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(value)) return [];
  return [
    {
      path,
      problem: "not the name of a PriorityClass",
      got: value,
      allowed: "lower-case letters, digits, - and .",
      fix: `"${defaults.priorityClassName}"`,
    },
  ];
}
