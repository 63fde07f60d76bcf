import type { Input } from "@pulumi/pulumi";
import type { ManagedPostgresArgs } from "../../data-store/managed/args";
import type { AwsNetworkRef } from "../../network/network-ref";

/** Arguments of {@link AwsPostgres}. */
export interface AwsPostgresArgs extends ManagedPostgresArgs {
  /** The network that the database stands in: an `AwsNetwork`, or the ids of one that is there already. */
  network: AwsNetworkRef;
  /**
   * Security groups of the clients: that of a cluster's nodes, `cluster.clusterSecurityGroupId`, is also that of its pods.
   * Defaults to none.
   */
  allowedSecurityGroupIds?: Input<string>[];
  /**
   * Certificates (PEM) of the authorities that sign servers of RDS, which are no public ones: the region's bundle from
   * https://truststore.pki.rds.amazonaws.com/. Required with `consumers`, whose Secrets carry it. Defaults to none.
   */
  caCertificate?: Input<string>;
  /** ARN of a KMS key for data, backups, logs and password. Fixed once made. Defaults to a key of the database's own. */
  encryptionKey?: Input<string>;
  /** Stays on a major version whose standard support has ended, which AWS bills by the vCPU. Defaults to false. */
  extendedSupport?: boolean;
  /** Days for which CloudWatch keeps logs. Defaults to 90. */
  logRetentionDays?: number;
  /** Size in GiB up to which RDS lets the storage grow by itself. Defaults to five times `storageGib`. */
  maxStorageGib?: number;
  /** Parameters of Postgres beside those that are set here, as RDS names them. TLS stays forced. Defaults to none. */
  parameters?: Record<string, string>;
  /** Instance class. Defaults to "db.m7g.large". */
  size?: string;
  /** Size of the storage in GiB at first, at least 20; it only grows. Defaults to 100. */
  storageGib?: number;
  /** Ids of the subnets, in at least two zones. Defaults to the private ones of the network. */
  subnetIds?: Input<string>[];
  /** Tags of every resource that takes some. Defaults to none. */
  tags?: Record<string, string>;
}
