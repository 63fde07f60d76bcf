import { planGcpCluster } from "../components/cluster/gcp/plan";
import { planGcpPool } from "../components/kvm-node-pool/gcp-plan";
import { planGcpNetwork } from "../components/network/gcp-plan";
import type { Fault } from "../components/shared/faults";
import { cloudNames } from "./cloud-names";
import { gcpClusterArgs, type GcpFabricConfig, gcpNetworkArgs, gcpPoolArgs } from "./gcp-arguments";
import type { GcpConfig } from "./gcp-schema";
import { gcpServiceFaults } from "./gcp-service-faults";
import { networkFaults } from "./network-choice";
import { distinctFaults, partFaults, regionFaults, zoneFaults } from "./part-faults";
import { findings, forEachOf } from "./unreadable";

/** What the planners of the parts below the fabric find wrong with a configuration for Google Cloud. */
export function gcpFaults(root: string, config: GcpFabricConfig, today: Date): Fault[] {
  const names = cloudNames(config);
  const { gcp } = config;
  const faults = findings(
    () => projectFaults(`${root}.project`, gcp.project),
    () => regionFaults(`${root}.region`, gcp.region),
    () =>
      networkFaults(`${root}.network`, gcp, (own) =>
        planGcpNetwork(names.network, gcpNetworkArgs(config, own)),
      ).filter(({ path }) => path !== `${root}.network.region`),
    () => existingFaults(`${root}.existingNetwork.region`, gcp),
    () => {
      const args = gcpClusterArgs(config, gcp.existingNetwork ?? placeholders.network);
      const labels = `${root}.labels`;
      return partFaults(`${root}.cluster`, planGcpCluster(names.cluster, args, today), { labels });
    },
    () => zoneFaults(`${root}.cluster.nodeZones`, gcp.region, gcp.cluster?.nodeZones),
    ...forEachOf(
      () => gcp.pools,
      (name, pool) => poolFaults(root, config, name, pool),
    ),
    () => gcpServiceFaults(root, config, gcp.existingNetwork ?? placeholders.network, today),
  );
  return distinctFaults(faults);
}

function poolFaults(root: string, config: GcpFabricConfig, name: string, pool: Pool): Fault[] {
  const path = `${root}.pools.${name}`;
  const { gcp } = config;
  return findings(
    () => {
      const args = gcpPoolArgs(config, pool, placeholders.cluster);
      const plan = planGcpPool(cloudNames(config).pool(name), args);
      return partFaults(path, plan, { tags: `${root}.labels` });
    },
    () => zoneFaults(`${path}.zones`, gcp.region, pool.zones),
    () => upgradeFaults(`${path}.autoUpgrade`, gcp.cluster, pool),
  );
}

type Pool = NonNullable<GcpConfig["pools"]>[string];

/** Source: https://cloud.google.com/resource-manager/docs/creating-managing-projects#before_you_begin */
function projectFaults(path: string, got: string): Fault[] {
  if (/^([a-z0-9.-]+:)?[a-z][-a-z0-9]{4,28}[a-z0-9]$/.test(got)) return [];
  const allowed = "a-z, 0-9 and -, first a letter, 6 to 30 characters";
  return [{ path, problem: "not the id of a project", got, allowed }];
}

function existingFaults(path: string, { existingNetwork, region }: GcpConfig): Fault[] {
  const got: unknown = existingNetwork?.region;
  if (typeof got !== "string" || got === region) return [];
  return [{ path, problem: "another region than the stack's", got, allowed: region }];
}

/**
 * GKE upgrades the nodes of a cluster that is in a release channel, and refuses a pool that says otherwise.
 * Source: https://cloud.google.com/kubernetes-engine/docs/how-to/node-auto-upgrades
 */
function upgradeFaults(
  path: string,
  cluster: GcpConfig["cluster"],
  { autoUpgrade = false }: Pool,
): Fault[] {
  if (autoUpgrade || cluster?.kubernetesVersion !== undefined) return [];
  const problem = "nodes that stay on their version, in a cluster that a release channel moves";
  const fix = "true, or cluster.kubernetesVersion instead of a channel";
  return [{ path, problem, got: autoUpgrade, fix }];
}

// What only exists once the cloud does; told apart from nothing by the planners alone.
const placeholders = Object.freeze({
  cluster: {
    certificateAuthorityData: "",
    endpoint: "https://cluster.invalid",
    kubernetesVersion: "1.36.3-gke.1640000",
    location: "europe-west1",
    name: "placeholder",
    project: "placeholder",
  },
  network: {
    networkId: "projects/placeholder/global/networks/placeholder",
    podRangeName: "pods",
    region: "europe-west1",
    serviceRangeName: "services",
    subnetworkId: "projects/placeholder/regions/europe-west1/subnetworks/placeholder",
  },
});
