import type { Input } from "@pulumi/pulumi";
import type { AzureNetworkRef } from "../../network/network-ref";
import type { ArchiveLifecycle, QueenUploads, UploadAlarms, UploadSettings } from "../args";

/** A container that somebody else made and looks after. */
export interface AzureExistingContainer {
  /** Id of the storage account. */
  accountId: Input<string>;
  /** Name of the storage account. */
  accountName: Input<string>;
  /** Name of the container. */
  containerName: Input<string>;
}

/** Arguments of {@link AzureTraceUploader}. */
export interface AzureTraceUploaderArgs {
  /** The network that the function app sends through: it must reach Queen. */
  network: AzureNetworkRef;
  /** How Queen is reached, and who the uploader is to her. */
  queen: QueenUploads;
  /** Ranges in which Queen's load balancer is: nothing else of the network is reached. */
  queenCidrs: string[];
  /** Range of the network for the function app's own subnet, /24 to /28, that nothing else uses. */
  subnetCidr: string;
  /** Id of the action group that alerts are sent to. Defaults to none: they are seen in Monitor alone. */
  actionGroupId?: Input<string>;
  /** When alerts are raised. Defaults to what {@link UploadAlarms} says. */
  alarms?: UploadAlarms;
  /**
   * Guards the archive's account with its lock, the vault and the logs with Pulumi's `protect` and `retainOnDelete`, the
   * vault with purge protection; blobs and containers have soft delete in any case. Switch it off and run `pulumi up` before a
   * wanted destroy. Defaults to true.
   */
  deletionProtection?: boolean;
  /** Writes to this container. Defaults to one of its own. */
  existingContainer?: AzureExistingContainer;
  /** Minutes between two runs: 5, 10, 15, 20, 30 or 60. Defaults to 15. */
  intervalMinutes?: number;
  /**
   * How long the account keeps what; not with `existingContainer`. Parts of uploads that nobody finished, Azure itself
   * removes after seven days: `abortIncompleteDays` says nothing here. Defaults to what {@link ArchiveLifecycle} says.
   */
  lifecycle?: ArchiveLifecycle;
  /** Days that logs are kept, 30 to 730. Defaults to 90. */
  logRetentionDays?: number;
  /**
   * Most instances that runs are on. With 1 there is one run at a time; regions that do not take it yet take 40: two runs
   * may then coincide, which costs work and loses nothing. Defaults to 1.
   */
  maxInstances?: number;
  /** Resource group of all that is made. Defaults to the network's. */
  resourceGroupName?: Input<string>;
  /** How files are moved. Defaults to what {@link UploadSettings} says. */
  settings?: UploadSettings;
  /** Tags of everything that has any. Defaults to none. */
  tags?: Record<string, string>;
  /** Id of an existing Log Analytics workspace. Defaults to one of its own. */
  workspaceId?: Input<string>;
}
