import type { Input } from "@pulumi/pulumi";
import { findAzureMachine } from "../kvm-node-pool/catalogue";
import { MachineArchitecture } from "../shared/machine-architecture";
import { planned, type Fault, type Planned } from "../shared/faults";
import { memberFaults, requiredMemberFaults } from "../shared/members";
import { nameFaults } from "../shared/names";
import { domainFaults, nodeContract } from "../shared/node-contract";
import { wholeNumberFaults } from "../shared/numbers";
import type { NodeClassRef, Requirement } from "./node-pool";
import type {
  AksMachines,
  KarpenterNodePool,
  KarpenterNodePoolsArgs,
  KarpenterRequirement,
} from "./node-pools-args";
import { planPool, poolObjectName, type PlannedPool } from "./planned-pool";
import { commonPoolFaults, poolListFaults } from "./pool-faults";

/** The pools of a Karpenter that somebody else runs, with every default filled in. */
export interface NodePoolsPlan {
  overlays: boolean;
  pools: ProvidedPool[];
}

/** A pool, and the class of its machines where that is made here. */
export interface ProvidedPool extends PlannedPool {
  aksNodeClass: ReturnType<typeof aksNodeClassSpec> | undefined;
}

/** Plans pools, or names everything that is wrong with them. */
export function planNodePools(
  name: string,
  { domain, pools, ...args }: KarpenterNodePoolsArgs,
): Planned<NodePoolsPlan> {
  const faults = [
    ...nameFaults("name", name),
    ...(domain === undefined ? [] : domainFaults("domain", domain)),
    ...poolListFaults("pools", pools),
    ...pools.flatMap((pool, index) => poolFaults(`pools[${index}]`, pool, domain)),
  ];
  return planned(faults, () => ({
    overlays: args.overlays ?? true,
    pools: pools.map((pool) => ({
      ...planPool(name, pool, nodeContract(domain), classOf(name, pool), requirements(pool)),
      aksNodeClass: pool.aks && aksNodeClassSpec(pool.aks),
    })),
  }));
}

function classOf(name: string, pool: KarpenterNodePool): NodeClassRef {
  const made = { kind: "AKSNodeClass", name: poolObjectName(name, pool.name) };
  return pool.nodeClass ? { ...pool.nodeClass } : { group: "karpenter.azure.com", ...made };
}

function requirements({ aks, architecture, requirements: own = [] }: KarpenterNodePool) {
  const arch = architecture ?? MachineArchitecture.Amd64;
  const all: Requirement[] = [{ key: "kubernetes.io/arch", operator: "In", values: [arch] }];
  if (aks !== undefined) {
    all.push({ key: "karpenter.azure.com/sku-name", operator: "In", values: [...aks.sizes] });
  }
  return [...all, ...own.map((requirement) => ({ ...requirement }))];
}

/**
 * The spec of an AKSNodeClass (`karpenter.azure.com/v1beta1`): Ubuntu, whose kernel has KVM, and disks that are
 * encrypted on the host. It has no switch for nested virtualisation: the sizes decide. Trusted Launch, under which
 * there is none, is off unless asked for, and nothing here asks.
 * Source: https://learn.microsoft.com/azure/aks/node-auto-provisioning-aksnodeclass
 */
export function aksNodeClassSpec({ subnetId, ...aks }: AksMachines): {
  imageFamily: string;
  osDiskSizeGB: number;
  security: { encryptionAtHost: boolean };
  tags: Record<string, string>;
  vnetSubnetID?: Input<string>;
} {
  return {
    imageFamily: "Ubuntu",
    osDiskSizeGB: aks.osDiskSizeGib ?? 128,
    security: { encryptionAtHost: aks.encryptionAtHost ?? true },
    tags: { ...aks.tags },
    ...(subnetId !== undefined && { vnetSubnetID: subnetId }),
  };
}

function poolFaults(path: string, pool: KarpenterNodePool, domain?: string): Fault[] {
  const { aks, architecture, nodeClass } = pool;
  const faults = [
    ...commonPoolFaults(path, pool, domain),
    ...memberFaults(`${path}.architecture`, architecture, Object.values(MachineArchitecture)),
    ...(pool.requirements ?? []).flatMap((requirement, index) =>
      requirementFaults(`${path}.requirements[${index}]`, requirement),
    ),
    ...(aks === undefined ? [] : aksFaults(`${path}.aks`, aks)),
    ...(nodeClass === undefined ? [] : classFaults(`${path}.nodeClass`, nodeClass)),
  ];
  if ((aks === undefined) === (nodeClass === undefined)) {
    const problem = aks ? "machines of two kinds" : "nothing says how machines are made";
    faults.push({ path, problem, allowed: "either aks or nodeClass" });
  }
  return faults;
}

function aksFaults(path: string, { sizes, osDiskSizeGib }: AksMachines): Fault[] {
  const faults = wholeNumberFaults(`${path}.osDiskSizeGib`, osDiskSizeGib, 30, 2048);
  if (sizes.length === 0) {
    const allowed = "at least one size, as in Standard_D8s_v5";
    return [...faults, { path: `${path}.sizes`, problem: "empty", allowed }];
  }
  return sizes.reduce((all, size, index) => {
    const found = findAzureMachine(`${path}.sizes[${index}]`, size);
    const fix = "Standard_D8s_v5 or Standard_E8s_v5";
    return found.ok ? all : [...all, { ...found.fault, fix }];
  }, faults);
}

function classFaults(path: string, { group, kind, name }: NodeClassRef): Fault[] {
  const faults: Fault[] = [];
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(group)) {
    faults.push({ path: `${path}.group`, problem: "not an API group", got: group });
  }
  if (!/^[A-Z][A-Za-z0-9]*$/.test(kind)) {
    faults.push({ path: `${path}.kind`, problem: "not a kind of objects", got: kind });
  }
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) {
    faults.push({ path: `${path}.name`, problem: "not the name of an object", got: name });
  }
  return faults;
}

const LISTS = ["In", "NotIn"];
const NUMBERS = ["Gt", "Lt", "Gte", "Lte"];
const PRESENCE = ["Exists", "DoesNotExist"];

function requirementFaults(path: string, requirement: KarpenterRequirement): Fault[] {
  const { key, operator, values = [] } = requirement;
  const faults = requiredMemberFaults(`${path}.operator`, operator, [
    ...LISTS,
    ...NUMBERS,
    ...PRESENCE,
  ]);
  if (!/^([a-z0-9][-a-z0-9.]*\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(key)) {
    faults.push({ path: `${path}.key`, problem: "not the key of a label", got: key });
  }
  if (key === "karpenter.sh/nodepool" || key === "kubernetes.io/hostname") {
    faults.push({ path: `${path}.key`, problem: "a label that Karpenter sets itself", got: key });
  }
  const at = `${path}.values`;
  const number = values.length === 1 && /^[0-9]+$/.test(values[0] ?? "");
  if (LISTS.includes(operator) && values.length === 0) {
    faults.push({ path: at, problem: "empty", allowed: "at least one value" });
  } else if (NUMBERS.includes(operator) && !number) {
    faults.push({ path: at, problem: "not one whole number", got: values.join(", ") });
  } else if (PRESENCE.includes(operator) && values.length > 0) {
    faults.push({ path: at, problem: "this operator takes none", got: values.join(", ") });
  }
  return faults;
}
