import { Queue } from "@pulumi/azure-native/storage/queue";
import { BlobContainer } from "@pulumi/azure-native/storage/blobContainer";
import { StorageAccount } from "@pulumi/azure-native/storage/storageAccount";
import type * as pulumi from "@pulumi/pulumi";
import { CLOSED } from "./archive";
import { worldNameIn } from "./names";
import type { AzureTraceUploaderPlan } from "./plan";

/** What the host of the function app keeps: its locks, its queue, and the package. */
export interface HostStorage {
  account: StorageAccount;
  /** Container of packages: the one that runs, which Azure writes, and the one that it was made from. */
  packages: BlobContainer;
  resources: pulumi.Resource[];
}

/**
 * Creates the storage of the host. No trace is ever in it, and the function app itself signs in with its identity; but
 * Pulumi's provider uploads a package with the account's key, and Azure fetches it with a signature made of that key, so
 * here keys are allowed, and the account is reached from outside.
 * Source: https://github.com/pulumi/pulumi-azure-native/issues/2015
 */
export function createHostStorage(
  parent: pulumi.Resource,
  { name, nameOf, network, resourceGroupName, tags }: AzureTraceUploaderPlan,
): HostStorage {
  const account = new StorageAccount(
    `${name}-code`,
    {
      ...CLOSED,
      accountName: worldNameIn(name, "c", network.vnetId),
      allowSharedKeyAccess: true,
      location: network.location,
      resourceGroupName,
      sasPolicy: { expirationAction: "Log", sasExpirationPeriod: "0.01:00:00" },
      sku: { name: "Standard_ZRS" },
      tags,
    },
    { parent },
  );
  const place = { accountName: account.name, resourceGroupName };
  const packages = new BlobContainer(
    `${name}-packages`,
    { ...place, containerName: "packages", publicAccess: "None" },
    { parent },
  );
  // The host names the queue of dead letters itself: what is left of a message that failed five times is in it.
  const queues = ["starts", "starts-poison"].map(
    (word) =>
      new Queue(`${name}-${word}`, { ...place, queueName: queueName(nameOf, word) }, { parent }),
  );
  return { account, packages, resources: [packages, ...queues] };
}

/** Name of the queue of starts, and of dead letters behind it. */
export function queueName(nameOf: AzureTraceUploaderPlan["nameOf"], word: string): string {
  const own = nameOf("starts");
  return word === "starts" ? own : `${own}-poison`;
}
