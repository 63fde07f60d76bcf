import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope";
import { BlobContainer } from "@pulumi/azure-native/storage/blobContainer";
import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties";
import { ManagementPolicy } from "@pulumi/azure-native/storage/managementPolicy";
import { StorageAccount } from "@pulumi/azure-native/storage/storageAccount";
import type { Subnet } from "@pulumi/azure-native/network/subnet";
import * as pulumi from "@pulumi/pulumi";
import { dataGuard } from "../../shared/data-guard";
import { setAsideDays } from "../plan";
import { worldNameIn } from "./names";
import type { AzureTraceUploaderPlan } from "./plan";

/** The container that is written to. */
export interface Archive {
  account: pulumi.Output<string>;
  /** Id of the container. */
  containerId: pulumi.Output<string>;
  containerName: pulumi.Output<string>;
  /** What a lock goes around; undefined where the container is somebody else's. */
  locked: { accountId: pulumi.Output<string>; after: pulumi.Resource[] } | undefined;
}

const CONTAINER = "traces";

/** What every account of the uploader has. */
export const CLOSED = Object.freeze({
  allowBlobPublicAccess: false,
  allowCrossTenantReplication: false,
  defaultToOAuthAuthentication: true,
  enableHttpsTrafficOnly: true,
  isLocalUserEnabled: false,
  kind: "StorageV2",
  minimumTlsVersion: "TLS1_2",
});

/** Creates the archive's account with its settings, or takes the container that is there. */
export function createArchive(
  parent: pulumi.Resource,
  plan: AzureTraceUploaderPlan,
  subnet: Subnet,
): Archive {
  const { existingContainer } = plan;
  if (existingContainer === undefined) return createAccount(parent, plan, subnet);
  const { accountId, accountName, containerName } = existingContainer;
  return {
    account: pulumi.output(accountName),
    containerId: pulumi.interpolate`${accountId}/blobServices/default/containers/${containerName}`,
    containerName: pulumi.output(containerName),
    locked: undefined,
  };
}

function createAccount(
  parent: pulumi.Resource,
  plan: AzureTraceUploaderPlan,
  subnet: Subnet,
): Archive {
  const { name, network, resourceGroupName, tags } = plan;
  const own = `${name}-traces`;
  const options = { parent, ...dataGuard(plan.deletionProtection) };
  const { id, name: accountName } = new StorageAccount(
    own,
    {
      ...CLOSED,
      accountName: worldNameIn(name, "t", network.vnetId),
      allowSharedKeyAccess: false,
      location: network.location,
      networkRuleSet: {
        bypass: "None",
        defaultAction: "Deny",
        virtualNetworkRules: [{ virtualNetworkResourceId: subnet.id }],
      },
      resourceGroupName,
      sku: { name: "Standard_ZRS" },
      tags,
    },
    options,
  );
  const place = { accountName, resourceGroupName };
  const kept = { enabled: true, days: plan.lifecycle.noncurrentDays };
  const properties = new BlobServiceProperties(
    own,
    {
      ...place,
      blobServicesName: "default",
      containerDeleteRetentionPolicy: atMostAYear(kept),
      deleteRetentionPolicy: atMostAYear(kept),
      isVersioningEnabled: true,
    },
    options,
  );
  const policy = new ManagementPolicy(
    own,
    { ...place, managementPolicyName: "default", policy: { rules: lifecycleRules(plan) } },
    { ...options, dependsOn: [properties] },
  );
  const container = new BlobContainer(
    own,
    { ...place, containerName: CONTAINER, publicAccess: "None" },
    { ...options, dependsOn: [properties] },
  );
  return {
    account: accountName,
    containerId: pulumi.interpolate`${id}/blobServices/default/containers/${container.name}`,
    containerName: container.name,
    locked: { accountId: id, after: [policy, container] },
  };
}

/**
 * Azure's own protection: nobody deletes the account, from wherever, nor the resource group that it is in, which would
 * take it along. It is there without the guard too, then goes first: a guarded one must stay where the account does. What
 * is granted on the container is under the lock as well, and so made before it.
 */
export function createLock(
  parent: pulumi.Resource,
  { deletionProtection, name, nameOf }: AzureTraceUploaderPlan,
  { locked }: Archive,
  grant: pulumi.Resource,
): void {
  if (locked === undefined) return;
  new ManagementLockByScope(
    `${name}-lock`,
    {
      level: "CanNotDelete",
      lockName: nameOf("lock"),
      notes: "Holds traces: set deletionProtection to false and run `pulumi up` before a destroy",
      scope: locked.accountId,
    },
    { parent, dependsOn: [...locked.after, grant], ...dataGuard(deletionProtection) },
  );
}

/** Soft delete keeps for a year at most. */
function atMostAYear({ enabled, days }: { enabled: boolean; days: number }) {
  return { enabled, days: Math.min(days, 365) };
}

function lifecycleRules(plan: AzureTraceUploaderPlan) {
  const { noncurrentDays, transitionDays } = plan.lifecycle;
  const [blobTypes, container] = [["blockBlob"], CONTAINER];
  const rule = { enabled: true, type: "Lifecycle" };
  return [
    {
      ...{ ...rule, name: "archive" },
      definition: {
        actions: {
          version: { delete: { daysAfterCreationGreaterThan: noncurrentDays } },
          ...(transitionDays > 0 && {
            baseBlob: { tierToCool: { daysAfterModificationGreaterThan: transitionDays } },
          }),
        },
        filters: { blobTypes },
      },
    },
    {
      ...{ ...rule, name: "set-aside" },
      definition: {
        actions: {
          baseBlob: { delete: { daysAfterModificationGreaterThan: setAsideDays(plan) } },
        },
        filters: { blobTypes, prefixMatch: [`${container}/${plan.prefix}/.set-aside/`] },
      },
    },
  ];
}
