import { isForAws } from "./aws-arguments";
import { awsFaults } from "./aws-faults";
import { isForAzure } from "./azure-arguments";
import { azureFaults, spotFaults } from "./azure-faults";
import { isForBareMetal } from "./bare-metal-arguments";
import { bareMetalFaults } from "./bare-metal-faults";
import { cloudNameFaults } from "./cloud-names";
import { isForGcp } from "./gcp-arguments";
import { gcpFaults } from "./gcp-faults";
import { planConsul } from "../components/consul/plan";
import { planNamespaces } from "../components/namespaces/plan";
import { planNodeProvisioner } from "../components/node-provisioner/plan";
import type { Fault } from "../components/shared/faults";
import { planWorker } from "../components/worker/plan";
import {
  consulArgs,
  consulGroups,
  GATEWAY_CONSUMER,
  namespacesArgs,
  names,
  provisionerArgs,
  usesConsul,
  workerArgs,
} from "./arguments";
import { groupFaults, groupNameFaults } from "./group-faults";
import { setToken, TOKENS_KEY } from "./consul-tokens";
import { partFaults } from "./part-faults";
import { sshKeyFaults } from "./ssh-key";
import { serviceFaults } from "./service-faults";
import { type FabricConfig, Target, type WorkerConfig } from "./schema";
import { findings, forEachOf, saying } from "./unreadable";

/**
 * What the components' own planners find wrong with a configuration of the right shape, with the paths of
 * the stack's file: the fabric's parts are planned here once before any of them is made.
 */
export function planFaults(root: string, config: FabricConfig, today: Date): Fault[] {
  const { agents } = placeholders;
  return findings(
    () => strayFaults(root, config),
    () => targetFaults(root, withSoundName(config), today),
    () =>
      partFaults(`${root}.namespaces`, planNamespaces(names.namespaces, namespacesArgs(config))),
    () => {
      const args = provisionerArgs(config, agents);
      return partFaults(`${root}.provisioner`, planNodeProvisioner(names.provisioner, args));
    },
    () => tokenFaults(config),
    () => sshKeyFaults(config.sshPrivateKey, config.target === Target.BareMetal),
    () => consulFaults(`${root}.consul`, config),
    () => serviceFaults(root, config),
    () => groupFaults(root, config),
    ...forEachOf(
      () => config.workers,
      (name, worker) => workerFaults(`${root}.workers.${name}`, config, name, worker),
    ),
  );
}

/** Consul's consumers are the groups, whose faults are said once, where the user wrote them. */
function consulFaults(path: string, config: FabricConfig): Fault[] {
  const args = consulArgs(withTokens(config), placeholders.services, placeholders.agents);
  const faults = partFaults(path, planConsul(names.consul, args));
  return faults.filter((fault) => !fault.path.startsWith(`${path}.consumers[`));
}

function workerFaults(
  path: string,
  config: FabricConfig,
  name: string,
  worker: WorkerConfig,
): Fault[] {
  const { agents, assetSet } = placeholders;
  const consul = usesConsul(worker) ? placeholders.consul : undefined;
  // A wrong name is a fault of its own already.
  const group = groupNameFaults(path, name).length > 0 ? "worker" : name;
  const surroundings = { assetSet, namespace: agents, consul, queen: undefined };
  const args = workerArgs(config, [group, worker], surroundings);
  return partFaults(path, planWorker(names.worker(group), args));
}

// What only exists once the fabric does.
const placeholders = Object.freeze({
  assetSet: "assets-00000000000000000000",
  agents: "agents",
  services: "services",
  consul: {
    address: "https://consul.invalid:8501",
    caCertificate: "",
    datacenter: "dc1",
    tokenSecretName: "token",
  },
});

function targetFaults(root: string, config: FabricConfig, today: Date): Fault[] {
  switch (config.target) {
    case Target.Kubernetes:
      return contextFaults(root, config);
    case Target.Aws:
      return isForAws(config) ? awsFaults(`${root}.aws`, config, today) : [missing(`${root}.aws`)];
    case Target.Gcp:
      return isForGcp(config) ? gcpFaults(`${root}.gcp`, config, today) : [missing(`${root}.gcp`)];
    case Target.Azure:
      return isForAzure(config)
        ? findings(
            () => azureFaults(`${root}.azure`, config, today),
            () => spotFaults(root, config),
          )
        : [missing(`${root}.azure`)];
    case Target.BareMetal:
      return isForBareMetal(config)
        ? bareMetalFaults(`${root}.bareMetal`, config)
        : [missing(`${root}.bareMetal`)];
  }
}

/** A wrong name of the stack is a fault of its own already, and none of all that would be named after it. */
function withSoundName(config: FabricConfig): FabricConfig {
  const { name } = config;
  const isSound = name === undefined || cloudNameFaults("", name).length === 0;
  return isSound ? config : saying(config, { name: undefined });
}

function missing(path: string): Fault {
  return { path, problem: "missing", allowed: "an object", fix: "that of Pulumi.prod.yaml" };
}

function contextFaults(root: string, config: FabricConfig): Fault[] {
  if (config.kubernetes !== undefined) return [];
  return [
    {
      path: `${root}.kubernetes.context`,
      problem: "missing",
      allowed: "the name of a kubeconfig context",
      fix: "one that `kubectl config get-contexts -o name` prints",
    },
  ];
}

/** Settings of a target that is not this stack's would be silently ignored. */
function strayFaults(root: string, config: FabricConfig): Fault[] {
  const own = {
    kubernetes: Target.Kubernetes,
    aws: Target.Aws,
    gcp: Target.Gcp,
    azure: Target.Azure,
    bareMetal: Target.BareMetal,
  };
  return Object.entries(own)
    .filter(([key, target]) => Object.hasOwn(config, key) && config.target !== target)
    .map(([key, target]) => ({
      path: `${root}.${key}`,
      problem: `settings of another target than ${config.target}`,
      fix: `target "${target}", or no ${key}`,
    }));
}

/** Tokens have a key of their own, so their faults are not those of an argument. */
function tokenFaults(config: FabricConfig): Fault[] {
  const gateway = config.gateway === undefined ? [] : [GATEWAY_CONSUMER];
  const groups = [...consulGroups(config).map(([name]) => name), ...gateway];
  const given = Object.keys(config.consulTokens);
  const external = config.consul.external !== undefined;
  const path = (name: string) => `${TOKENS_KEY}.${name}`;
  const missing = external ? groups.filter((name) => !given.includes(name)) : [];
  const stray = external ? given.filter((name) => !groups.includes(name)) : given;
  return [
    ...missing.map((name) => ({
      path: path(name),
      problem: "missing",
      allowed: `the ACL token of ${name === GATEWAY_CONSUMER ? "the gateway" : "these workers"} in the external Consul`,
      fix: setToken(name),
    })),
    ...stray.map((name) => ({
      path: path(name),
      problem: "a token that nobody uses",
      allowed: external ? groups.join(", ") || "none" : "no tokens without consul.external",
    })),
  ];
}

function withTokens(config: FabricConfig): FabricConfig {
  if (config.consul.external === undefined) return saying(config, { consulTokens: {} });
  const users = [...consulGroups(config).map(([name]) => name), GATEWAY_CONSUMER];
  const tokens = users.map((name) => [name, "token"] as const);
  return saying(config, { consulTokens: Object.fromEntries(tokens) });
}
