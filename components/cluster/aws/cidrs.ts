import { isWithin, overlap, parseNetwork, PRIVATE_RANGES } from "../../shared/cidr";
import type { Fault } from "../../shared/faults";
import { allowListFaults, publicAccessFaults } from "../allow-list";

/** How many ranges EKS takes: https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html */
const MOST_RANGES = 40;

/** Checks the ranges that may reach a public endpoint. */
export function publicCidrFaults(path: string, cidrs: readonly string[] | undefined): Fault[] {
  const count = cidrs?.length ?? 0;
  const allowed = `at most ${String(MOST_RANGES)} ranges`;
  return [
    ...publicAccessFaults(path, cidrs),
    ...(cidrs ?? []).flatMap((got, index) => {
      const range = parseNetwork(got);
      if (range === undefined || !isWithin(range, PRIVATE_RANGES)) return [];
      const problem = "a private range never reaches a public endpoint";
      return [{ path: `${path}[${String(index)}]`, problem, got, fix: "privateAccessCidrs" }];
    }),
    ...(count > MOST_RANGES ? [{ path, problem: "too many ranges", got: count, allowed }] : []),
  ];
}

/** Checks the ranges that may reach the private endpoint. */
export function privateCidrFaults(path: string, cidrs: readonly string[] = []): Fault[] {
  return allowListFaults(path, cidrs);
}

/**
 * Checks the range of the Services' addresses: private, /12 to /24, apart from the VPC's.
 * Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
 */
export function serviceCidrFaults(path: string, got: string, vpcCidr: unknown): Fault[] {
  const range = parseNetwork(got);
  if (
    range === undefined ||
    !isWithin(range, PRIVATE_RANGES) ||
    range.prefix < 12 ||
    range.prefix > 24
  ) {
    const allowed = `/12 to /24 within ${PRIVATE_RANGES.join(", ")}`;
    return [{ path, problem: "not a range that EKS takes for Services", got, allowed }];
  }
  const vpc = typeof vpcCidr === "string" ? parseNetwork(vpcCidr) : undefined;
  if (vpc === undefined || !overlap(vpc, range)) return [];
  return [
    {
      path,
      problem: `overlaps the network's range ${String(vpcCidr)}`,
      got,
      fix: "10.100.0.0/16, or any private range that is in use nowhere",
    },
  ];
}
