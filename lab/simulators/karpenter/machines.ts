import { type KubeObject, listAt, textAt } from "../../kube/objects";
import { machineSize } from "../../simulated-clusters/machine";

/** A machine that a NodePool could launch. */
export interface Machine {
  type: string;
  zone: string;
  capacityType: string;
  architecture: string;
  cpus: number;
  memoryGib: number;
}

/** A condition of a NodePool on its machines. */
interface Requirement {
  key: string;
  operator: string;
  values: string[];
}

const DEFAULT_FAMILIES = ["m8i"];

// Small first, metal last, as Karpenter would by price.
const SIZES = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge", "24xlarge"];
const METAL_SIZES = ["metal-16xl", "metal-24xl", "metal-32xl", "metal-48xl", "metal", "metal-96xl"];

/**
 * The machines that a NodePool's requirements allow, the smallest first: families and sizes by name, one zone after the
 * other. A stand-in for EC2's catalogue, which the lab does not have: a family counts as having every size. Pure.
 */
export function machinesOf(nodePool: KubeObject, launched: number): Machine[] {
  const requirements = listAt(nodePool, "spec", "template", "spec", "requirements").map(
    (one): Requirement => ({
      key: textAt(one, "key") ?? "",
      operator: textAt(one, "operator") ?? "",
      values: listAt(one, "values").map(String),
    }),
  );
  const zones = allowed(requirements, "topology.kubernetes.io/zone", ["lab-a"]);
  const zone = zones[launched % zones.length] ?? "";
  const types = typesOf(requirements);
  const capacityTypes = allowed(requirements, "karpenter.sh/capacity-type", ["on-demand"]);
  // Karpenter takes spot where it may.
  const capacityType = capacityTypes.includes("spot") ? "spot" : (capacityTypes[0] ?? "");
  return types
    .map((type) => ({ type, zone, capacityType, ...machineSize(type) }))
    .filter(({ architecture, cpus }) => {
      const facts = new Map([
        ["kubernetes.io/arch", architecture],
        ["karpenter.k8s.aws/instance-cpu", String(cpus)],
      ]);
      return requirements.every((one) => isMet(one, facts.get(one.key)));
    });
}

function typesOf(requirements: readonly Requirement[]): string[] {
  const named = allowed(requirements, "node.kubernetes.io/instance-type", []);
  if (named.length > 0) return named;
  const families = allowed(requirements, "karpenter.k8s.aws/instance-family", DEFAULT_FAMILIES);
  const sizes = requirements.filter(({ key }) => key === "karpenter.k8s.aws/instance-size");
  const fitting = [...SIZES, ...METAL_SIZES].filter((size) =>
    sizes.every((one) => isMet(one, size)),
  );
  return fitting.flatMap((size) => families.map((family) => `${family}.${size}`));
}

function allowed(requirements: readonly Requirement[], key: string, standard: string[]): string[] {
  const one = requirements.find((entry) => entry.key === key && entry.operator === "In");
  return one === undefined || one.values.length === 0 ? standard : one.values;
}

function isMet({ operator, values }: Requirement, value: string | undefined): boolean {
  if (value === undefined) return true;
  switch (operator) {
    case "In":
      return values.includes(value);
    case "NotIn":
      return !values.includes(value);
    case "Gt":
      return Number(value) > Number(values[0]);
    case "Lt":
      return Number(value) < Number(values[0]);
    default:
      return true;
  }
}
