import type { Rule } from "../resource";
import { closedBuckets } from "./closed-buckets";
import { closedDatabases } from "./closed-databases";
import { imageDigests } from "./image-digests";
import { nestedVirtualization } from "./nested-virtualization";
import { privilegedContainers } from "./privileged-containers";
import { publicEndpoints } from "./public-endpoints";
import { statefulGuards } from "./stateful-guards";
import { wildcardPermissions } from "./wildcard-permissions";

/** All rules of the pack. */
export const rules: readonly Rule[] = [
  closedBuckets,
  closedDatabases,
  imageDigests,
  nestedVirtualization,
  privilegedContainers,
  publicEndpoints,
  statefulGuards,
  wildcardPermissions,
];
