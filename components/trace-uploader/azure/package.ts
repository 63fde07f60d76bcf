import { Deployment } from "@pulumi/azure-native/resources/deployment";
import { Blob } from "@pulumi/azure-native/storage/blob";
import type { WebApp } from "@pulumi/azure-native/web/webApp";
import * as pulumi from "@pulumi/pulumi";
import type { Bundle } from "../bundle";
import type { HostStorage } from "./host";
import type { AzureTraceUploaderPlan } from "./plan";

/** How long a run may take: a little more than its own limit. */
export const TIMEOUT = "00:16:00";

/** How often a start is tried before its message is a dead letter. */
const ATTEMPTS = 5;

/**
 * Uploads the package and has Azure deploy it. A package that only lies in the container is never started: OneDeploy, an
 * extension of the app, takes it over, and is there for templates alone. The signature that Azure fetches the package with
 * is made while the template runs, ends after an hour, and is in no state of Pulumi's.
 * Sources: https://learn.microsoft.com/azure/azure-functions/functions-infrastructure-as-code#deployment-package
 * https://learn.microsoft.com/azure/templates/microsoft.web/sites/extensions-onedeploy
 */
export function deployPackage(
  parent: pulumi.Resource,
  plan: AzureTraceUploaderPlan,
  { account, packages }: Pick<HostStorage, "account" | "packages">,
  app: WebApp,
): Deployment {
  const { bundle, name, nameOf, resourceGroupName } = plan;
  const id = packageId(bundle);
  const blob = createBlob(parent, plan, { account, packages });
  return new Deployment(
    `${name}-package`,
    {
      // Another package is another deployment: one that is there already is not run again.
      deploymentName: nameOf(`package-${id}`),
      properties: {
        mode: "Incremental",
        parameters: {
          account: { value: account.name },
          app: { value: app.name },
          blob: { value: blob.name },
          container: { value: packages.name },
        },
        template: TEMPLATE,
      },
      resourceGroupName,
    },
    { parent, dependsOn: [blob] },
  );
}

function createBlob(
  parent: pulumi.Resource,
  { bundle, name, resourceGroupName }: AzureTraceUploaderPlan,
  { account, packages }: Pick<HostStorage, "account" | "packages">,
): Blob {
  return new Blob(
    `${name}-package`,
    {
      accountName: account.name,
      blobName: `${packageId(bundle)}.zip`,
      containerName: packages.name,
      contentType: "application/zip",
      resourceGroupName,
      source: new pulumi.asset.AssetArchive({
        "azure.js": new pulumi.asset.FileAsset(bundle.file),
        "host.json": new pulumi.asset.StringAsset(HOST_JSON),
        "package.json": new pulumi.asset.StringAsset(MANIFEST),
      }),
      type: "Block",
    },
    { parent },
  );
}

/** Names the package by all that is in it. */
export function packageId({ sha256 }: Pick<Bundle, "sha256">): string {
  return sha256.slice(0, 16);
}

const MANIFEST = JSON.stringify({ name: "trace-uploader", version: "1.0.0", main: "azure.js" });

const HOST_JSON = JSON.stringify({
  version: "2.0",
  extensionBundle: { id: "Microsoft.Azure.Functions.ExtensionBundle", version: "[4.0.0, 5.0.0)" },
  // One run at a time: two would move the same files twice over.
  extensions: {
    queues: {
      batchSize: 1,
      maxDequeueCount: ATTEMPTS,
      newBatchThreshold: 0,
      visibilityTimeout: "00:02:00",
    },
  },
  functionTimeout: TIMEOUT,
  logging: { applicationInsights: { samplingSettings: { isEnabled: false } } },
});

const text = { type: "string" };

/** Reading one blob for an hour, over TLS. */
const SIGNATURE = {
  canonicalizedResource:
    "[concat('/blob/', parameters('account'), '/', parameters('container'), '/', parameters('blob'))]",
  signedExpiry: "[parameters('until')]",
  signedPermission: "r",
  signedProtocol: "https",
  signedResource: "b",
};

const BLOB_URL =
  "reference(resourceId('Microsoft.Storage/storageAccounts', parameters('account')), '2023-05-01').primaryEndpoints.blob";
const TOKEN =
  "listServiceSas(resourceId('Microsoft.Storage/storageAccounts', parameters('account')), '2023-05-01', variables('signature')).serviceSasToken";

const TEMPLATE = {
  $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  contentVersion: "1.0.0.0",
  parameters: {
    account: text,
    app: text,
    blob: text,
    container: text,
    until: { ...text, defaultValue: "[dateTimeAdd(utcNow(), 'PT1H')]" },
  },
  variables: { signature: SIGNATURE },
  resources: [
    {
      type: "Microsoft.Web/sites/extensions",
      apiVersion: "2024-04-01",
      name: "[concat(parameters('app'), '/onedeploy')]",
      properties: {
        packageUri: `[concat(${BLOB_URL}, parameters('container'), '/', parameters('blob'), '?', ${TOKEN})]`,
        remoteBuild: false,
      },
    },
  ],
};
