import { HostRole } from "../components/cluster/bare-metal/args";
import { planBareMetalCluster } from "../components/cluster/bare-metal/plan";
import { planBareMetalKvmNodePool } from "../components/kvm-node-pool/bare-metal-plan";
import type { Fault } from "../components/shared/faults";
import {
  bareMetalClusterArgs,
  type BareMetalFabricConfig,
  bareMetalPoolArgs,
} from "./bare-metal-arguments";
import { cloudNames } from "./cloud-names";
import { profiles } from "./environments";
import { hostAssetFaults } from "./host-asset-faults";
import { distinctFaults, partFaults } from "./part-faults";
import { findings, forEachOf, saying } from "./unreadable";

/** What the planners of the parts below the fabric find wrong with a configuration for one's own machines. */
export function bareMetalFaults(root: string, config: BareMetalFabricConfig): Fault[] {
  const names = cloudNames(config);
  const { bareMetal } = config;
  // Checked once, under its own key.
  const sound = saying(config, { sshPrivateKey: "-----BEGIN PRIVATE KEY-----" });
  const passedOn = { release: `${root}.cluster.release` };
  const faults = findings(
    () => {
      const args = bareMetalClusterArgs(sound);
      return partFaults(`${root}.cluster`, planBareMetalCluster(names.cluster, args));
    },
    ...forEachOf(
      () => bareMetal.pools,
      (name, pool) => {
        const kubernetesVersion = bareMetal.cluster.release.version;
        const args = bareMetalPoolArgs(sound, pool, { ...placeholder, kubernetesVersion });
        const path = `${root}.pools.${name}`;
        return findings(
          () => partFaults(path, planBareMetalKvmNodePool(names.pool(name), args), passedOn),
          () => hostAssetFaults(`${path}.profile`, pool.profile, config),
        );
      },
    ),
    () => sharedHostFaults(root, config),
    () => consulFaults(root.replace(/bareMetal$/, "consul.servers"), config),
  );
  return distinctFaults(faults);
}

/** Each Consul server has a node of its own: without one it waits for ever, and the rest of the stack with it. */
function consulFaults(path: string, { bareMetal, consul, environment }: BareMetalFabricConfig) {
  const { servers = profiles[environment].consulServers } = consul;
  const free = bareMetal.cluster.hosts.filter(({ role }) => role !== HostRole.ControlPlane);
  if (consul.external !== undefined || servers <= free.length) return [];
  const problem = `more than the ${String(free.length)} hosts that run pods, of which each server needs one`;
  const fix = `fewer servers, or more hosts whose role is ${HostRole.Both} or ${HostRole.Worker}`;
  return [{ path, problem, got: servers, fix }];
}

/** A machine is in one place of the stack's file alone: names are nodes, addresses are machines. */
function sharedHostFaults(root: string, { bareMetal }: BareMetalFabricConfig): Fault[] {
  const { cluster, pools = {} } = bareMetal;
  const all = [
    ...cluster.hosts.map((host, index) => ({ host, at: `cluster.hosts[${String(index)}]` })),
    ...Object.entries(pools).flatMap(([name, { hosts }]) =>
      hosts.map((host, index) => ({ host, at: `pools.${name}.hosts[${String(index)}]` })),
    ),
  ];
  const listOf = (at: string) => at.slice(0, at.lastIndexOf("["));
  return all.flatMap(({ host, at }, index) => {
    const before = all.slice(0, index).filter((other) => listOf(other.at) !== listOf(at));
    const named = before.find((other) => other.host.name === host.name);
    const placed = before.find((other) => other.host.address === host.address);
    return [
      ...(named ? [twice(`${root}.${at}.name`, named.at, host.name)] : []),
      ...(placed ? [twice(`${root}.${at}.address`, placed.at, host.address)] : []),
    ];
  });
}

function twice(path: string, at: string, got: unknown): Fault {
  return { path, problem: `that of ${at} too: a machine is one node`, got };
}

// What only exists once the cluster does.
const placeholder = Object.freeze({
  access: { privateKey: "-----BEGIN PRIVATE KEY-----" },
  agentToken: "",
  apiAddress: "cluster.invalid",
  cni: "",
  encryption: "",
  serverAddress: "cluster.invalid",
  serverHostKey: "",
  serverPort: 22,
  serverUser: "root",
});
