import type { Fault } from "../../shared/faults";
import { nodeCountFaults, wholeNumberFaults } from "../../shared/numbers";
import { kubernetesMinor, minorText, nodeSkewFaults } from "../versions";
import { AwsNodeImage, type AwsClusterPool } from "./args";

/** How a release of Amazon Linux ends: with its day. One of Bottlerocket ends with the beginning of a commit. */
const DATED = /-20[2-9]\d(0[1-9]|1[0-2])([0-2]\d|3[01])$/;

/** The least and the most nodes of a pool. */
type Counts = Readonly<Record<"minNodes" | "maxNodes", number>>;

/**
 * Finds everything that is wrong with the arguments of a pool of the cluster.
 *
 * @param counts the numbers of nodes that hold where the pool names none
 */
export function poolFaults(
  pool: AwsClusterPool,
  kubernetesVersion: string,
  counts: Counts,
): Fault[] {
  return [
    ...imageFaults(pool),
    ...releaseFaults(pool),
    ...versionFaults(pool, kubernetesVersion),
    ...typeFaults(pool),
    ...wholeNumberFaults("diskGib", pool.diskGib, 20, 16_384),
    ...wholeNumberFaults("minNodes", pool.minNodes, 2, 100),
    ...wholeNumberFaults("maxNodes", pool.maxNodes, 2, 100),
    ...orderFaults(pool, counts),
  ];
}

/** Minor version that the release of an Amazon Linux image is for; undefined for Bottlerocket, whose releases name none. */
export function releaseMinor({ image, releaseVersion }: AwsClusterPool): string | undefined {
  if (isBottlerocket(image)) return undefined;
  const minor = kubernetesMinor(releaseVersion);
  return minor === undefined ? undefined : minorText(minor);
}

/** True for both images of Bottlerocket. */
export function isBottlerocket(image: AwsNodeImage | undefined): boolean {
  return image === AwsNodeImage.Bottlerocket || image === AwsNodeImage.BottlerocketArm;
}

/** True for the images of Graviton machines. */
export function isArmImage(image: AwsNodeImage | undefined): boolean {
  return image === AwsNodeImage.Al2023Arm || image === AwsNodeImage.BottlerocketArm;
}

function imageFaults({ image }: AwsClusterPool): Fault[] {
  const images: string[] = Object.values(AwsNodeImage);
  if (image === undefined || images.includes(image)) return [];
  const problem = "not an image that gets updates";
  return [{ path: "image", problem, got: image, allowed: images.join(", ") }];
}

function releaseFaults({ image, releaseVersion: got }: AwsClusterPool): Fault[] {
  const bottlerocket = isBottlerocket(image);
  const right = bottlerocket
    ? /^\d+\.\d+\.\d+-[0-9a-f]{8}$/.test(got) && !DATED.test(got)
    : /^1\.\d+\.\d+-/.test(got) && DATED.test(got);
  if (right) return [];
  return [
    {
      path: "releaseVersion",
      problem: "not an exact release of the image",
      got,
      allowed: bottlerocket ? "as in 1.57.0-8a1b2c3d" : "as in 1.36.2-20260812",
      fix: "aws ssm get-parameter with the name from the documentation of this argument",
    },
  ];
}

function versionFaults(pool: AwsClusterPool, controlPlane: string): Fault[] {
  const ofRelease = releaseMinor(pool);
  const { kubernetesVersion } = pool;
  if (kubernetesVersion === undefined) {
    if (ofRelease === undefined) return [];
    return nodeSkewFaults("releaseVersion", ofRelease, controlPlane);
  }
  if (!/^\d+\.\d+$/.test(kubernetesVersion)) {
    const problem = "not a minor version";
    return [{ path: "kubernetesVersion", problem, got: kubernetesVersion, allowed: "as in 1.36" }];
  }
  const skew = nodeSkewFaults("kubernetesVersion", kubernetesVersion, controlPlane);
  const minor = kubernetesMinor(kubernetesVersion);
  if (skew.length > 0 || ofRelease === undefined || minor === undefined) return skew;
  if (minorText(minor) === ofRelease) return [];
  const problem = `of another minor version than kubernetesVersion ${kubernetesVersion}`;
  return [{ path: "releaseVersion", problem, got: pool.releaseVersion }];
}

function typeFaults({ image, instanceTypes }: AwsClusterPool): Fault[] {
  if (instanceTypes === undefined) return [];
  if (instanceTypes.length === 0) {
    return [{ path: "instanceTypes", problem: "empty", fix: "to leave it out for the default" }];
  }
  const arm = isArmImage(image);
  return instanceTypes.flatMap((got, index): Fault[] => {
    const path = `instanceTypes[${String(index)}]`;
    if (!/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(got)) {
      return [{ path, problem: "not an instance type", got, allowed: "as in m6i.large" }];
    }
    if (isArm(got) === arm) return [];
    const problem = `not of the image's architecture, ${arm ? "Arm" : "x86-64"}`;
    return [{ path, problem, got, fix: "an image or a type of the other architecture" }];
  });
}

/** Graviton types carry a g behind their generation, and a1 is one: `m7g.large`, `c7gn.xlarge`, `im4gn.large`. */
function isArm(instanceType: string): boolean {
  return /^(a1|[a-z]+\d+g[a-z]*)[.-]/.test(instanceType);
}

function orderFaults(pool: AwsClusterPool, counts: Counts): Fault[] {
  const { minNodes = counts.minNodes, maxNodes = counts.maxNodes } = pool;
  return nodeCountFaults("", minNodes, maxNodes);
}
