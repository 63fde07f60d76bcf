import type { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity";
import type { Subnet } from "@pulumi/azure-native/network/subnet";
import { AppServicePlan } from "@pulumi/azure-native/web/appServicePlan";
import { WebApp } from "@pulumi/azure-native/web/webApp";
import * as pulumi from "@pulumi/pulumi";
import { commonEnvironment, queenEnvironment, type UploaderEnvironment } from "../environment";
import { cronOf } from "../plan";
import type { Archive } from "./archive";
import { type HostStorage, queueName } from "./host";
import { worldNameIn } from "./names";
import type { AzureTraceUploaderPlan } from "./plan";
import type { IdentityVault } from "./vault";
import type { Telemetry } from "./watch";

/** How long a run may take, and when before its end it begins nothing new, in seconds. */
const RUN_LIMITS = { timeLimitSeconds: 900, stopBeforeSeconds: 60 };

/** What a function app of the uploader works with. */
export interface AppParts {
  archive: Archive;
  grants: readonly pulumi.Resource[];
  host: HostStorage;
  identity: UserAssignedIdentity;
  subnet: Subnet;
  telemetry: Telemetry;
  vault: IdentityVault;
}

/** Creates the function app, on a plan of its own: Flex Consumption takes one app a plan. */
export function createApp(
  parent: pulumi.Resource,
  plan: AzureTraceUploaderPlan,
  parts: AppParts,
): WebApp {
  const { name, network, resourceGroupName, tags } = plan;
  const { grants, host, identity, subnet } = parts;
  const servers = createServers(parent, plan);
  return new WebApp(
    name,
    {
      functionAppConfig: functionAppConfig(plan, host, identity),
      httpsOnly: true,
      identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
      kind: "functionapp,linux",
      location: network.location,
      name: worldNameIn(name, "f", network.vnetId),
      // A timer and a queue start it: nobody calls it.
      publicNetworkAccess: "Disabled",
      resourceGroupName,
      serverFarmId: servers.id,
      siteConfig: {
        appSettings: appSettings(plan, parts),
        ftpsState: "Disabled",
        http20Enabled: true,
        minTlsVersion: "1.2",
        scmMinTlsVersion: "1.2",
      },
      tags,
      virtualNetworkSubnetId: subnet.id,
    },
    { parent, dependsOn: [...grants, ...host.resources, parts.vault.secret] },
  );
}

function createServers(
  parent: pulumi.Resource,
  { name, nameOf, network, resourceGroupName, tags }: AzureTraceUploaderPlan,
): AppServicePlan {
  return new AppServicePlan(
    `${name}-plan`,
    {
      kind: "functionapp",
      location: network.location,
      name: nameOf("plan"),
      reserved: true,
      resourceGroupName,
      sku: { name: "FC1", tier: "FlexConsumption" },
      tags,
    },
    { parent },
  );
}

function functionAppConfig(
  { maxInstances }: AzureTraceUploaderPlan,
  { account, packages }: HostStorage,
  identity: UserAssignedIdentity,
) {
  return {
    deployment: {
      storage: {
        type: "blobContainer",
        value: pulumi.interpolate`https://${account.name}.blob.core.windows.net/${packages.name}`,
        authentication: {
          type: "UserAssignedIdentity",
          userAssignedIdentityResourceId: identity.id,
        },
      },
    },
    runtime: { name: "node", version: "22" },
    scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: maxInstances },
  };
}

function appSettings(plan: AzureTraceUploaderPlan, parts: AppParts) {
  const { archive, host, identity, telemetry, vault } = parts;
  const endpoint = pulumi.interpolate`https://${archive.account}.blob.core.windows.net`;
  const settings: UploaderEnvironment = {
    ...commonEnvironment(plan, { bucket: archive.containerName, endpoint }, RUN_LIMITS),
    ...queenEnvironment(plan, vault.secretUrl),
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: pulumi.interpolate`ClientId=${identity.clientId};Authorization=AAD`,
    APPLICATIONINSIGHTS_CONNECTION_STRING: telemetry.component.connectionString,
    AZURE_CLIENT_ID: identity.clientId,
    AzureWebJobsStorage__accountName: host.account.name,
    AzureWebJobsStorage__clientId: identity.clientId,
    AzureWebJobsStorage__credential: "managedidentity",
    UPLOAD_QUEUE: queueName(plan.nameOf, "starts"),
    // Azure's schedules have the seconds first.
    UPLOAD_SCHEDULE: `0 ${cronOf(plan.intervalMinutes)}`,
  };
  return Object.entries(settings).map(([name, value]) => ({ name, value }));
}
