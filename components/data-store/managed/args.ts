import type { Weekday } from "../../cluster/weekday";
import type { DataStoreConsumer } from "../consumers";

/** When a cloud may change what runs a store: minor versions, patches of the machine. */
export interface DataMaintenanceWindow {
  /** Day on which it opens, in UTC. Defaults to Sunday. */
  day?: Weekday;
  /** Hour at which it opens, 0 to 23 in UTC; it is an hour long. Defaults to 3. */
  hour?: number;
}

/** What every store that a cloud runs is told, whichever cloud and whichever kind. */
export interface ManagedStoreArgs {
  /**
   * Private ranges of the clients, as in `10.0.0.0/20`: where pods or their nodes call from. Nobody else reaches the store
   * by the network. Defaults to none.
   */
  allowedCidrs?: string[];
  /**
   * Who uses the store in a Kubernetes cluster: each gets a Secret, written by the `kubernetes` provider of the options.
   * Defaults to nobody: the cloud's own secret store holds the same.
   */
  consumers?: DataStoreConsumer[];
  /**
   * Guards the store, its key and what it stands on with Pulumi's `protect` and `retainOnDelete` and with the cloud's own
   * protection, where it has one. Switch it off and run `pulumi up` before a wanted destroy. Defaults to true.
   */
  deletionProtection?: boolean;
  /** Runs a second copy in another zone, which takes over by itself. Costs as much again. Defaults to true. */
  highAvailability?: boolean;
  /**
   * Name of the store in the cloud, and what the names of all that it stands on begin with: once an account and region, or
   * project. a-z, 0-9 and single dashes; at most 63 characters at RDS, 40 at ElastiCache and Memorystore, 54 at Cloud SQL and
   * Flexible Server, 51 at Azure Managed Redis. Where names are taken by other accounts too, or for days after a deletion,
   * digits follow it. Fixed once made. Defaults to the component's logical name.
   */
  instanceName?: string;
  /** When the cloud may change what runs the store. Defaults to Sundays at 03:00 UTC. */
  maintenanceWindow?: DataMaintenanceWindow;
  /**
   * Ranges that the store's own addresses are in, handed on to the network policies of who calls it. Defaults to all
   * private ranges of RFC 1918.
   */
  networkCidrs?: string[];
}

/** What every Postgres that a cloud runs is told. */
export interface ManagedPostgresArgs extends ManagedStoreArgs {
  /**
   * Major version, as in `17`. The cloud installs minor versions in the maintenance window. A newer one is an upgrade in
   * place that takes the store down for minutes, and no way leads back: see `allowMajorUpgrade`.
   */
  version: string;
  /** Lets a change of `version` upgrade a store that is there. Defaults to false: such a change is refused at preview. */
  allowMajorUpgrade?: boolean;
  /** Days to any second of which the store can be brought back, 7 to 35 and by cloud less. Defaults to 7. */
  backupRetentionDays?: number;
  /** Name of the database. Defaults to "app". */
  database?: string;
  /** Name of the user that owns the database. Defaults to "app". */
  username?: string;
}
