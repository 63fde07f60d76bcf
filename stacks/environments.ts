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
  /** The least nodes of the cluster's system pool: one a zone where a zone's failure must not be felt. */
  systemNodes: number;
}

/** The defaults of each environment: the only place that knows them. A stack's file overrides each. */
export const profiles: Readonly<Record<Environment, Profile>> = Object.freeze({
  dev: {
    consulServers: 3,
    consulStorageGib: 1,
    deletionProtection: false,
    logRetentionDays: 30,
    natMode: NatMode.Single,
    systemNodes: 2,
  },
  staging: {
    consulServers: 3,
    consulStorageGib: 10,
    deletionProtection: true,
    logRetentionDays: 90,
    natMode: NatMode.Single,
    systemNodes: 3,
  },
  prod: {
    consulServers: 5,
    consulStorageGib: 20,
    deletionProtection: true,
    logRetentionDays: 365,
    natMode: NatMode.PerZone,
    systemNodes: 3,
  },
  dr: {
    consulServers: 3,
    consulStorageGib: 20,
    deletionProtection: true,
    logRetentionDays: 365,
    natMode: NatMode.PerZone,
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
