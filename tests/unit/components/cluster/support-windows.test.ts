import { EKS_CALENDAR } from "../../../../components/cluster/aws/minors";
import { AksTier, type AzureClusterArgs } from "../../../../components/cluster/azure/args";
import { AKS_CALENDAR } from "../../../../components/cluster/azure/calendar";
import { planAzureCluster } from "../../../../components/cluster/azure/plan";
import { KUBERNETES_CALENDAR } from "../../../../components/cluster/bare-metal/calendar";
import { planBareMetalCluster } from "../../../../components/cluster/bare-metal/plan";
import { GKE_CALENDAR } from "../../../../components/cluster/gcp/calendar";
import { planGcpCluster } from "../../../../components/cluster/gcp/plan";
import { kubernetesMinor, minorsAhead } from "../../../../components/cluster/versions";
import { renderFault } from "../../../../components/shared/faults";
import { haCluster, SUM } from "./bare-metal/hosts";

type Planned =
  | { ok: true; plan: { warnings: string[] } }
  | { ok: false; faults: Parameters<typeof renderFault>[0][] };

function warningsOf(result: Planned): string[] {
  if (!result.ok) throw new Error(result.faults.map(renderFault).join("\n"));
  return result.plan.warnings;
}

const gke = (kubernetesVersion: string | undefined, today: string) =>
  warningsOf(
    planGcpCluster(
      "fabric",
      {
        ...(kubernetesVersion !== undefined && { kubernetesVersion }),
        network: {
          networkId: "projects/p/global/networks/fabric",
          podRangeName: "pods",
          region: "europe-west1",
          serviceRangeName: "services",
          subnetworkId: "projects/p/regions/europe-west1/subnetworks/fabric",
        },
      },
      new Date(today),
    ),
  );

const vnetId =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/fabric";
const aks = (kubernetesVersion: string, today: string, more: Partial<AzureClusterArgs> = {}) =>
  warningsOf(
    planAzureCluster(
      "fabric",
      {
        adminGroupObjectIds: ["11111111-1111-1111-1111-111111111111"],
        kubernetesVersion,
        network: {
          location: "westeurope",
          nodeSubnetId: `${vnetId}/subnets/nodes`,
          resourceGroupName: "g",
          vnetCidr: "10.0.0.0/16",
          vnetId,
        },
        ...more,
      },
      new Date(today),
    ),
  );

const bareMetal = (version: string, today: string) =>
  warningsOf(
    planBareMetalCluster(
      "fabric",
      haCluster({ release: { version, sha256: { amd64: SUM } } }),
      new Date(today),
    ),
  );

const UPGRADE = "upgrade by one minor version";

test("GKE: a pinned version warns for sixty days, one that a channel moves never", () => {
  const pinned = "1.35.7-gke.1222000";
  expect(gke(pinned, "2027-02-10T00:00:00Z")).toEqual([]);
  const warning = `GKE ends standard support of Kubernetes ${pinned} on 2027-04-11: ${UPGRADE}`;
  expect(gke(pinned, "2027-02-11T00:00:00Z")).toEqual([warning]);
  expect(gke(pinned, "2027-04-11T23:59:59Z")).toEqual([warning]);
  expect(gke(undefined, "2027-04-11T23:59:59Z")).toEqual([]);
  expect(() => gke(pinned, "2027-04-12T00:00:00Z")).toThrow("standard support by GKE ended");
  const unknown = "1.36.3-gke.1640000";
  expect(gke(unknown, "2026-11-21")).toEqual([
    `Kubernetes ${unknown} is newer than what was known of GKE on ${GKE_CALENDAR.asOf}: see ${GKE_CALENDAR.source}`,
  ]);
});

test("AKS: a version warns for sixty days, and under long-term support as long as that costs", () => {
  expect(aks("1.35", "2027-01-30T00:00:00Z")).toEqual([]);
  expect(aks("1.35", "2027-01-31T00:00:00Z")).toEqual([
    `AKS ends standard support of Kubernetes 1.35 on 2027-03-31: ${UPGRADE}`,
  ]);
  expect(() => aks("1.35.6", "2027-04-01")).toThrow("standard support by AKS ended on 2027-03-31");
  const longTerm = { longTermSupport: true, tier: AksTier.Premium };
  expect(aks("1.35.6", "2027-04-01", longTerm)).toEqual([
    `AKS bills long-term support of Kubernetes 1.35.6 until 2028-03-31: ${UPGRADE}`,
  ]);
  expect(() => aks("1.35.6", "2028-04-01", longTerm)).toThrow("AKS ended all support of it");
});

test("own machines: past its end a version runs on, and says so", () => {
  const version = "v1.35.6+k3s1";
  expect(bareMetal(version, "2026-12-30T00:00:00Z")).toEqual([]);
  expect(bareMetal(version, "2026-12-31T00:00:00Z")).toEqual([
    `the Kubernetes project ends support of Kubernetes ${version} on 2027-02-28: ${UPGRADE}`,
  ]);
  expect(bareMetal(version, "2027-03-01T00:00:00Z")).toEqual([
    `the Kubernetes project ended support of Kubernetes ${version} on 2027-02-28: ${UPGRADE}`,
  ]);
});

describe.each([EKS_CALENDAR, GKE_CALENDAR, AKS_CALENDAR, KUBERNETES_CALENDAR])(
  "the calendar of $provider",
  ({ asOf, minors, source }) => {
    test("has a source, and was read on a day", () => {
      expect(source).toMatch(/^https:\/\/[a-z.]+\//);
      expect(new Date(`${asOf}T00:00:00Z`).toISOString()).toContain(asOf);
    });

    test("goes up minor by minor, each ending after the one before, its paid support after its own", () => {
      const read = minors.map(({ minor }) => kubernetesMinor(minor)!);
      expect(read.slice(1).map((minor, index) => minorsAhead(minor, read[index]!))).toEqual(
        read.slice(1).map(() => 1),
      );
      const days = minors.map(({ standardUntil }) => Date.parse(`${standardUntil}T00:00:00Z`));
      expect(days).toEqual([...days].sort((a, b) => a - b));
      expect(days.every((day) => day > 0)).toBe(true);
      for (const { extendedUntil, standardUntil } of minors) {
        if (extendedUntil !== undefined) expect(extendedUntil > standardUntil).toBe(true);
      }
    });
  },
);
