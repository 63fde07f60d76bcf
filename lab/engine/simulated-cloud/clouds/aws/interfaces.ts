import type { CloudKind } from "../cloud-kind";
import { valuesAt } from "../paths";

// Nobody published how long; the provider waits for a subnet 20 minutes, for a security group 15.
const LINGER_SECONDS = 60;

/**
 * What leaves network interfaces behind that go a while after it: nodes those of the VPC CNI (pulumi/pulumi-eks#779), an
 * interface endpoint its own (zalando-stups/sevenseconds#107), a cluster those by which it reaches its nodes. Takes the
 * inputs' paths to subnets and security groups.
 */
export function leavesInterfaces(...paths: string[]): Pick<CloudKind, "leaves"> {
  return {
    leaves: (_, { inputs }) => ({
      places: paths.flatMap((path) => valuesAt(inputs, path)).map(String),
      seconds: LINGER_SECONDS,
    }),
  };
}
