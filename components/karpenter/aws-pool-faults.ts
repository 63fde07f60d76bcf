import { findAwsMachine, type MachineFound } from "../kvm-node-pool/catalogue";
import { KvmAccess } from "../kvm-node-pool/catalogue/machine";
import { MachineArchitecture } from "../shared/machine-architecture";
import type { Fault } from "../shared/faults";
import { memberFaults, requiredMemberFaults } from "../shared/members";
import { wholeNumberFaults } from "../shared/numbers";
import { KarpenterImageFamily, type KarpenterPool } from "./args";
import { commonPoolFaults } from "./pool-faults";
import { userDataFaults } from "./user-data";

/** Finds what is wrong with a pool of machines of EC2. */
export function awsPoolFaults(path: string, pool: KarpenterPool, domain?: string): Fault[] {
  return [
    ...commonPoolFaults(path, pool, domain),
    ...machineFaults(path, pool),
    ...imageFaults(path, pool),
    ...userDataFaults(path, pool, imageFamilyOf(pool), architecturesOf(pool)),
    ...volumeFaults(`${path}.volume`, pool),
  ];
}

function machineFaults(path: string, pool: KarpenterPool): Fault[] {
  const kinds = requiredMemberFaults(`${path}.kvm`, pool.kvm, Object.values(KvmAccess));
  if (kinds.length > 0) return kinds;
  return [
    ...familyFaults(`${path}.instanceFamilies`, pool),
    ...sizeFaults(`${path}.instanceSizes`, pool),
    ...wholeNumberFaults(`${path}.minCpus`, pool.minCpus, 1, 448),
  ];
}

function familyFaults(path: string, pool: KarpenterPool): Fault[] {
  const { declaredArchitecture, instanceFamilies } = pool;
  if (instanceFamilies.length === 0) {
    return [{ path, problem: "empty", allowed: "at least one family, as in m8i" }];
  }
  const faults: Fault[] = [];
  const architectures = new Set<MachineArchitecture>();
  for (const [index, family] of instanceFamilies.entries()) {
    const found = findFamily(`${path}[${index}]`, family, pool);
    if (found.ok) architectures.add(found.machine.architecture);
    else faults.push({ ...found.fault, got: family });
  }
  if (architectures.size > 1) {
    const problem = "machines of two architectures, and an asset set is for one";
    faults.push({ path, problem, fix: "a pool for each" });
  }
  const known = Object.values(MachineArchitecture);
  const declaredPath = path.replace(/[a-zA-Z]+$/, "declaredArchitecture");
  return [...faults, ...memberFaults(declaredPath, declaredArchitecture, known)];
}

/** The architectures of those families of a pool that are known. */
export function architecturesOf(pool: KarpenterPool): MachineArchitecture[] {
  const found = pool.instanceFamilies.flatMap((family) => {
    const machine = findFamily("instanceFamilies", family, pool);
    return machine.ok ? [machine.machine.architecture] : [];
  });
  return [...new Set(found)];
}

/** Looks a family up, unless it is vouched for, by a size that it has if it gives KVM in this way at all. */
export function findFamily(path: string, family: string, pool: KarpenterPool): MachineFound {
  const { declaredArchitecture, kvm } = pool;
  if (!/^[a-z]+[0-9]+[a-z0-9-]*$/.test(family)) {
    const problem = "not an instance family";
    return { ok: false, fault: { path, problem, allowed: "as in m8i and c8i-flex" } };
  }
  if (declaredArchitecture !== undefined) {
    return { ok: true, machine: { architecture: declaredArchitecture, kvm, type: family } };
  }
  const metal = kvm === KvmAccess.Metal;
  const found = findAwsMachine(path, `${family}.${metal ? "metal" : "2xlarge"}`);
  if (found.ok) return found;
  const known = metal ? "m7i, c7i or r7i" : "m8i, c8i or r8i";
  const fix = `${known}; or declaredArchitecture, once you saw /dev/kvm on it`;
  return { ok: false, fault: { ...found.fault, fix } };
}

function sizeFaults(path: string, { instanceSizes, kvm }: KarpenterPool): Fault[] {
  if (instanceSizes?.length === 0) {
    return [{ path, problem: "empty", fix: "to leave it out for every size" }];
  }
  return (instanceSizes ?? []).flatMap((got, index): Fault[] => {
    const at = `${path}[${index}]`;
    if (!/^(metal(-[0-9]+xl)?|medium|large|[0-9]*xlarge)$/.test(got)) {
      return [{ path: at, problem: "not a size", got, allowed: "as in 4xlarge and metal-24xl" }];
    }
    if (got.startsWith("metal") === (kvm === KvmAccess.Metal)) return [];
    const problem = `not a size of a ${kvm} machine`;
    return [{ path: at, problem, got, fix: "a pool of the other kind" }];
  });
}

const ALIASES: readonly (readonly [RegExp, KarpenterImageFamily])[] = [
  [/^al2023@v20[0-9]{6}$/, KarpenterImageFamily.AmazonLinux2023],
  [/^bottlerocket@v[0-9]+\.[0-9]+\.[0-9]+$/, KarpenterImageFamily.Bottlerocket],
];

/** The operating system of a pool's image, as its alias or its user tells. */
export function imageFamilyOf(pool: KarpenterPool): KarpenterImageFamily | undefined {
  return pool.imageFamily ?? ALIASES.find(([alias]) => alias.test(pool.image))?.[1];
}

function imageFaults(path: string, pool: KarpenterPool): Fault[] {
  const { image, imageFamily } = pool;
  const allowed = "al2023@v<date>, bottlerocket@v<version> or ami-<id>";
  const at = `${path}.image`;
  const families = Object.values(KarpenterImageFamily);
  const unknown = memberFaults(`${path}.imageFamily`, imageFamily, families);
  if (unknown.length > 0) return unknown;
  if (/^ami-[0-9a-f]{8,17}$/.test(image)) {
    const problem = "missing beside the id of an AMI, which does not tell it";
    return imageFamily === undefined
      ? [{ path: `${path}.imageFamily`, problem, allowed: families.join(", ") }]
      : [];
  }
  const family = ALIASES.find(([alias]) => alias.test(image))?.[1];
  if (family === undefined) return [{ path: at, got: image, allowed, ...imageProblem(image) }];
  if (imageFamily === undefined || imageFamily === family) return [];
  const problem = "not what the alias says";
  return [{ path: `${path}.imageFamily`, problem, got: imageFamily, allowed: family }];
}

function imageProblem(image: string): { problem: string; fix?: string } {
  if (/^al2(@|$)/.test(image)) {
    const problem = "Amazon Linux 2: its kernel is too old for KVM workers, and it is at its end";
    return { problem, fix: "al2023 with its version" };
  }
  if (image.endsWith("@latest")) {
    const problem = "not pinned: every new image would replace every node, unasked";
    return { problem, fix: "the version that is the latest today" };
  }
  return { problem: "not a pinned image" };
}

function volumeFaults(path: string, { volume = {} }: KarpenterPool): Fault[] {
  const { kmsKeyArn } = volume;
  const faults = [
    ...wholeNumberFaults(`${path}.sizeGib`, volume.sizeGib, 20, 9999),
    ...wholeNumberFaults(`${path}.iops`, volume.iops, 3000, 16_000),
    ...wholeNumberFaults(`${path}.throughputMibps`, volume.throughputMibps, 125, 1000),
  ];
  if (typeof kmsKeyArn === "string" && !/^arn:aws[a-z-]*:kms:/.test(kmsKeyArn)) {
    faults.push({ path: `${path}.kmsKeyArn`, problem: "not the ARN of a key", got: kmsKeyArn });
  }
  return faults;
}
