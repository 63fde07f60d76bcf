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
  /** Whether what holds data is protected from deletion. */
  deletionProtection: boolean;
}

/** The defaults of each environment. */
export const profiles: Readonly<Record<Environment, Profile>> = Object.freeze({
  dev: { consulServers: 3, consulStorageGib: 1, deletionProtection: false },
  staging: { consulServers: 3, consulStorageGib: 10, deletionProtection: true },
  prod: { consulServers: 5, consulStorageGib: 20, deletionProtection: true },
  dr: { consulServers: 3, consulStorageGib: 20, deletionProtection: true },
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
