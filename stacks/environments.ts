import { NatMode } from "../components/network/nat-mode";

/** The environments that the program knows; each stands for a set of defaults. */
export const Environment = {
  /** One person's cluster: nothing is protected, destroy leaves nothing. */
  Dev: "dev",
  /** As production, on less. */
  Staging: "staging",
  /** Production: data is protected in every layer. */
  Prod: "prod",
  /** Disaster recovery: production's twin in another place. */
  Dr: "dr",
} as const;
export type Environment = (typeof Environment)[keyof typeof Environment];

/** What an environment stands for where the stack's file says nothing. */
interface Profile {
  /** Number of Consul servers. */
  consulServers: number;
  /** Size of each Consul server's volume, in GiB. */
  consulStorageGib: number;
  /** Whether what holds data, and the cluster under it, is protected from deletion. */
  deletionProtection: boolean;
  /** Number of the gateway's pods, where no autoscaler says it. */
  gatewayReplicas: number;
  /** Whether a store that a cloud runs has a second copy in another zone. */
  highAvailability: boolean;
  /**
   * Days that logs of control planes and flows are kept: a number that CloudWatch and Log Analytics both know. On Google
   * Cloud the project's log buckets say it.
   */
  logRetentionDays: number;
  /**
   * How a network of the stack's own reaches the internet where a gateway stands in one zone, as on AWS. Elsewhere one
   * gateway is the network's default.
   */
  natMode: NatMode;
  /** Number of instances of a Postgres in the cluster: from three on no confirmed write is lost with one. */
  postgresInstances: number;
  /** The least nodes of the cluster's system pool: one a zone where a zone's failure must not be felt. */
  systemNodes: number;
}

/** The defaults of each environment: the only place that knows them. A stack's file overrides each. */
export const profiles: Readonly<Record<Environment, Profile>> = Object.freeze({
  dev: {
    consulServers: 3,
    consulStorageGib: 1,
    deletionProtection: false,
    gatewayReplicas: 1,
    highAvailability: false,
    logRetentionDays: 30,
    natMode: NatMode.Single,
    postgresInstances: 1,
    systemNodes: 2,
  },
  staging: {
    consulServers: 3,
    consulStorageGib: 10,
    deletionProtection: true,
    gatewayReplicas: 2,
    highAvailability: true,
    logRetentionDays: 90,
    natMode: NatMode.Single,
    postgresInstances: 3,
    systemNodes: 3,
  },
  prod: {
    consulServers: 5,
    consulStorageGib: 20,
    deletionProtection: true,
    gatewayReplicas: 3,
    highAvailability: true,
    logRetentionDays: 365,
    natMode: NatMode.PerZone,
    postgresInstances: 3,
    systemNodes: 3,
  },
  dr: {
    consulServers: 3,
    consulStorageGib: 20,
    deletionProtection: true,
    gatewayReplicas: 3,
    highAvailability: true,
    logRetentionDays: 365,
    natMode: NatMode.PerZone,
    postgresInstances: 3,
    systemNodes: 3,
  },
});

/** What a stack's settings say of its deletion protection: its own word, or its environment's. */
interface ProtectionSettings {
  environment: Environment;
  deletionProtection?: boolean | undefined;
}

/** Whether what holds data, and the cluster under it, is protected from deletion. */
export function deletionProtectionOf({
  environment,
  deletionProtection = profiles[environment].deletionProtection,
}: ProtectionSettings): boolean {
  return deletionProtection;
}
