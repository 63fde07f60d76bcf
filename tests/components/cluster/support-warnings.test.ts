import { AzureCluster } from "../../../components/cluster/azure/azure-cluster";
import { BareMetalCluster } from "../../../components/cluster/bare-metal/bare-metal-cluster";
import { GcpCluster } from "../../../components/cluster/gcp/gcp-cluster";
import { azureCall, azureOutputs, gcpOutputs } from "../../support/cloud-outputs";
import { deploy, type DeployOptions } from "../../support/deploy";
import { haCluster, SUM } from "../../unit/components/cluster/bare-metal/hosts";

const vnetId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v";

// Versions that no calendar lists, whatever the day on which this runs.
const clusters: [string, () => unknown, DeployOptions][] = [
  [
    "GKE",
    () =>
      new GcpCluster("fabric", {
        kubernetesVersion: "1.99.0-gke.1",
        network: {
          networkId: "projects/p/global/networks/fabric",
          podRangeName: "pods",
          region: "europe-west1",
          serviceRangeName: "services",
          subnetworkId: "projects/p/regions/europe-west1/subnetworks/fabric",
        },
      }),
    { outputsOf: gcpOutputs },
  ],
  [
    "AKS",
    () =>
      new AzureCluster("fabric", {
        adminGroupObjectIds: ["11111111-1111-1111-1111-111111111111"],
        kubernetesVersion: "1.99",
        network: {
          location: "westeurope",
          nodeSubnetId: `${vnetId}/subnets/nodes`,
          resourceGroupName: "g",
          vnetCidr: "10.0.0.0/16",
          vnetId,
        },
      }),
    { call: azureCall, outputsOf: azureOutputs },
  ],
  [
    "the Kubernetes project",
    () =>
      new BareMetalCluster(
        "fabric",
        haCluster({ release: { version: "v1.99.0+k3s1", sha256: { amd64: SUM } } }),
      ),
    { outputsOf: () => ({ result: "token", stdout: "a\nb\nc" }) },
  ],
];

test.each(clusters)(
  "what is known of %s's support reaches the user",
  async (provider, make, options) => {
    const warn = jest.spyOn(console, "warn").mockImplementation();
    try {
      await deploy(() => Promise.resolve(void make()), options);
      const text = expect.stringMatching(
        `Kubernetes v?1\\.99.* is newer than what was known of ${provider}`,
      );
      expect(warn.mock.calls.map(([line]) => String(line))).toContainEqual(text);
    } finally {
      warn.mockRestore();
    }
  },
);
