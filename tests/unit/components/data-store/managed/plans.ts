import { type Planned, renderFault } from "../../../../../components/shared/faults";

/** A day on which the versions of the tests are looked after. */
export const TODAY = new Date("2026-11-22T12:00:00Z");

const GROUP = "/subscriptions/s/resourceGroups/fabric";

export const networks = {
  aws: {
    privateSubnetIds: ["subnet-0000000a", "subnet-0000000b"],
    publicSubnetIds: [],
    vpcCidr: "10.0.0.0/16",
    vpcId: "vpc-00000001",
  },
  gcp: {
    networkId: "projects/p/global/networks/fabric",
    podRangeName: "pods",
    region: "europe-west1",
    serviceRangeName: "services",
    subnetworkId: "projects/p/regions/europe-west1/subnetworks/fabric",
  },
  azure: {
    location: "westeurope",
    nodeSubnetId: `${GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/nodes`,
    resourceGroupName: "fabric",
    vnetCidr: "10.0.0.0/16",
    vnetId: `${GROUP}/providers/Microsoft.Network/virtualNetworks/net`,
  },
};

/** The plan; fails with the faults where there are some. */
export function planOf<T>(result: Planned<T>): T {
  if (result.ok) return result.plan;
  throw new Error(result.faults.map(renderFault).join("\n"));
}

/** The faults as the user reads them; none where there is a plan. */
export function faultsOf<T>(result: Planned<T>): string[] {
  return result.ok ? [] : result.faults.map(renderFault);
}
