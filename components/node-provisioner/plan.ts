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
import { maxUnavailableFaults, maxUnavailablePods } from "../shared/rollouts";
import { tolerationFaults } from "../shared/tolerations";
import { assetSetFaults, assetSetId, type AssetSet } from "./asset-set";
import { filesHash, provisionerFiles, type ProvisionerFiles } from "./script";

/** What the planner reads of the component's arguments: all that decides shape. */
export interface ProvisionerShape {
  assets: AssetSet;
  image: string;
  domain?: string;
  tolerations?: Toleration[];
  assetsRoot?: string;
  maxUnavailable?: string;
  priorityClassName?: string;
}

/** The arguments with every default filled in, and the names of all objects. */
export interface ProvisionerPlan {
  instance: string;
  contract: NodeContract;
  /** Id of the asset set, which is also the value of the assets label. */
  assetSet: string;
  files: ProvisionerFiles;
  filesHash: string;
  image: string;
  assetsRoot: string;
  /** Pods that a rollout may have down at once: a number, or a string as in "10%". */
  maxUnavailable: number | string;
  priorityClassName: string;
  tolerations: Toleration[];
  /** Name of the namespaced objects and of the cluster role with its binding. */
  objectName: string;
  /** Name of the admission policy and its binding. */
  policyName: string;
}

/** Folder on the nodes that workers and provisioner agree on where none is given. */
export const DEFAULT_ASSETS_ROOT = "/var/lib/kvm-fabric";

const defaults = Object.freeze({
  assetsRoot: DEFAULT_ASSETS_ROOT,
  maxUnavailable: "10%",
  priorityClassName: "system-node-critical",
});

/** Checks the arguments and fills in the defaults: a plan, or every fault. */
export function planNodeProvisioner(
  name: string,
  args: ProvisionerShape,
): Planned<ProvisionerPlan> {
  const domain = args.domain ?? DEFAULT_DOMAIN;
  const assetsRoot = args.assetsRoot ?? defaults.assetsRoot;
  const maxUnavailable = args.maxUnavailable ?? defaults.maxUnavailable;
  const priorityClassName = args.priorityClassName ?? defaults.priorityClassName;
  const faults = [
    ...nameFaults("name", name),
    ...assetSetFaults("assets", args.assets),
    ...imageFaults("image", args.image),
    ...domainFaults("domain", domain),
    ...tolerationFaults("tolerations", args.tolerations),
    ...assetsRootFaults("assetsRoot", assetsRoot),
    ...maxUnavailableFaults("maxUnavailable", maxUnavailable),
    ...priorityFaults("priorityClassName", priorityClassName),
  ];
  return planned(faults, () => {
    const contract = nodeContract(domain);
    const files = provisionerFiles(contract, args.assets);
    return {
      instance: name,
      contract,
      assetSet: assetSetId(args.assets),
      files,
      filesHash: filesHash(files),
      image: args.image,
      assetsRoot,
      maxUnavailable: maxUnavailablePods(maxUnavailable),
      priorityClassName,
      tolerations: [...agentTolerations(contract), ...(args.tolerations ?? [])],
      objectName: objectName([name]),
      policyName: objectName([name, "node-writes"]),
    };
  });
}

const systemFolders = /^\/(bin|boot|dev|etc|home|lib|lib64|proc|root|run|sbin|sys|tmp|usr)(\/|$)/;

function assetsRootFaults(path: string, assetsRoot: string): Fault[] {
  const wellFormed = /^(\/[A-Za-z0-9_][\w.-]*){2,}$/.test(assetsRoot) && assetsRoot.length <= 200;
  if (wellFormed && !systemFolders.test(assetsRoot) && !/^\/var\/run(\/|$)/.test(assetsRoot))
    return [];
  return [
    {
      path,
      problem: "not a folder that the provisioner may own on its nodes",
      got: assetsRoot,
      allowed:
        "an absolute path of two folders or more that survives a reboot, outside the system's",
      fix: `"${defaults.assetsRoot}"`,
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
