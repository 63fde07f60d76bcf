import type { Input } from "@pulumi/pulumi";
import type { ManagedPostgresArgs } from "../../data-store/managed/args";
import type { GcpNetworkRef } from "../../network/network-ref";

/** Arguments of {@link GcpPostgres}. */
export interface GcpPostgresArgs extends ManagedPostgresArgs {
  /** The network that clients are in: a `GcpNetwork`, or the ids of one that is there already. */
  network: GcpNetworkRef;
  /**
   * Id of a Cloud KMS key in the region, for data, backups and password. The agents of
   * Cloud SQL and Secret Manager must be allowed to use it. Fixed once made. Defaults to a key of the database's own,
   * rotated every 90 days.
   */
  encryptionKey?: Input<string>;
  /** Stays on a major version whose regular support has ended, which Google bills by the vCPU. Defaults to false. */
  extendedSupport?: boolean;
  /** Labels of every resource that takes some. Defaults to none. */
  labels?: Record<string, string>;
  /** Size in GiB up to which Cloud SQL lets the storage grow by itself. Defaults to five times `storageGib`. */
  maxStorageGib?: number;
  /** Flags of Postgres beside those that are set here, as Cloud SQL names them. Defaults to none. */
  parameters?: Record<string, string>;
  /** Id of the project. Defaults to the provider's. */
  project?: Input<string>;
  /**
   * Tier: `db-perf-optimized-N-CPUS` (Enterprise Plus: 35 days of recovery, restarts within a second) or
   * `db-custom-CPUS-MIB` (Enterprise: 7 days). Defaults to "db-perf-optimized-N-2".
   */
  size?: string;
  /** Size of the storage in GiB at first, at least 10; it grows by itself, a later change does nothing. Defaults to 100. */
  storageGib?: number;
}
