import { MachineArchitecture } from "../../shared/machine-architecture";
import { KvmAccess, type MachineFamily } from "./machine";

/** The image and the kernel that Firecracker's tested hosts have; Amazon Linux 2 (5.10) is out. */
const IMAGE = "Amazon Linux 2023 or Bottlerocket";
const KERNEL = "6.1";

/**
 * Families with Intel processors that have `.metal` sizes.
 * Source: https://karpenter.sh/docs/reference/instance-types/ (2026-08-21)
 */
const METAL_AMD64 = (
  "c5 c5d c5n c6a c6i c6id c6in c7a c7i c8a c8i c8ib c8id c8in g4dn i3en i4i i7i i7ie m5 m5d m5dn m5n m5zn m6a m6i " +
  "m6id m6idn m6in m7a m7i m8a m8azn m8i m8ib m8id m8idb m8idn m8in r5 r5b r5d r5dn r5n r6a r6i r6id r6idn r6in " +
  "r7a r7i r7iz r8a r8i r8ib r8id r8in x2idn x2iedn x2iezn x8aedz x8i z1d"
).split(" ");

/** Families with Graviton processors that have `.metal` sizes. Source: as above. */
const METAL_ARM64 = (
  "a1 c6g c6gd c7g c7gd c7gn c8g c8gb c8gd c8gn c9g c9gd g5g i8g i8ge m6g m6gd m7g m7gd m8g m8gb m8gd m8gn m9g m9gd " +
  "r6g r6gd r7g r7gd r8g r8gb r8gd r8gn x2gd x8g"
).split(" ");

/**
 * Families whose virtual sizes take `CpuOptions.NestedVirtualization`, since February 2026: Intel alone, no
 * Graviton, no AMD. The documentation names the eighth generation; `DescribeInstanceTypes`, the source of truth
 * (filter `processor-info.supported-features=nested-virtualization`), also answers the last four, and not `m6i`.
 * Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateCpuOptionsRequest.html,
 * METR/hawk#1325, castai/terraform-provider-castai#747 (2026-07)
 */
const NESTED =
  "c8i c8i-flex c8ib c8id c8in m8i m8i-flex m8ib m8id m8idb m8idn m8in r8i r8i-flex r8ib r8id r8in m7i c7i r7i i7i".split(
    " ",
  );

const metal = (architecture: MachineArchitecture) => ({
  architecture,
  kvm: KvmAccess.Metal,
  image: IMAGE,
  kernel: KERNEL,
});

/** Families by name with their `.metal` sizes. */
export const AWS_METAL: ReadonlyMap<string, MachineFamily> = new Map([
  ...METAL_AMD64.map((family) => [family, metal(MachineArchitecture.Amd64)] as const),
  ...METAL_ARM64.map((family) => [family, metal(MachineArchitecture.Arm64)] as const),
]);

/** Families by name whose virtual sizes run virtual machines of their own. */
export const AWS_NESTED: ReadonlyMap<string, MachineFamily> = new Map(
  NESTED.map((family) => [
    family,
    {
      architecture: MachineArchitecture.Amd64,
      kvm: KvmAccess.Nested,
      image: IMAGE,
      kernel: KERNEL,
    },
  ]),
);

/** Splits an instance type: `m8i.metal-48xl` is family `m8i`, and metal. */
export function splitInstanceType(type: string): { family: string; metal: boolean } | undefined {
  const match = /^([a-z]+[0-9]+[a-z0-9-]*)\.((metal)(-[0-9a-z]+)?|[0-9a-z]+)$/.exec(type);
  if (match?.[1] === undefined) return undefined;
  return { family: match[1], metal: match[3] !== undefined };
}

/** Why a family's virtual sizes have no nested virtualisation, where that is known. */
export function noNestedReason(family: string): string {
  if (/^[a-z]+[0-9]+(g|gb|gd|gn|ge)$/.test(family) || family === "a1" || family === "g5g") {
    return "Graviton processors have no nested virtualisation";
  }
  if (/^[a-z]+[0-9]+(a|ad|an|azn|aedz)(-flex)?$/.test(family)) {
    return "EC2 offers no nested virtualisation on AMD processors";
  }
  return "EC2 offers nested virtualisation on some Intel families alone";
}
