import type { AzureTraceUploaderArgs } from "../../../components/trace-uploader/azure/args";
import { AzureTraceUploader } from "../../../components/trace-uploader/azure/azure-trace-uploader";
import { readSettings, Target } from "../../../functions/trace-uploader/settings";
import { deploy, find, isSecret, redact, reveal, tree } from "../../support/deploy";
import { azureLeast, CERTIFICATE, KEY } from "../../unit/components/trace-uploader/least";
import { outputsOf } from "./outputs";

jest.mock("../../../components/trace-uploader/bundle", () => ({
  ...jest.requireActual("../../../components/trace-uploader/bundle"),
  readBundle: () => jest.requireActual("../../unit/components/trace-uploader/least").BUNDLE,
}));

const run = (args: Partial<AzureTraceUploaderArgs> = {}, options = {}) =>
  deploy(() => new AzureTraceUploader("traces", { ...azureLeast, ...args }), {
    outputsOf,
    ...options,
  });
const APP = "azure-native:web:WebApp";
const ACCOUNT = "azure-native:storage:StorageAccount";

const ARCHIVE = [
  "azure-native:authorization:ManagementLockByScope traces-lock < traces",
  "azure-native:storage:BlobContainer traces-traces < traces",
  "azure-native:storage:BlobServiceProperties traces-traces < traces",
  "azure-native:storage:ManagementPolicy traces-traces < traces",
  "azure-native:storage:StorageAccount traces-traces < traces",
];
const LOGS = "azure-native:operationalinsights:Workspace traces-logs < traces";
const ALWAYS = [
  "azure-native:applicationinsights:Component traces-insights < traces",
  "azure-native:authorization:RoleAssignment traces-archive < traces",
  "azure-native:authorization:RoleAssignment traces-host-blobs < traces",
  "azure-native:authorization:RoleAssignment traces-host-queues < traces",
  "azure-native:authorization:RoleAssignment traces-read-identity < traces",
  "azure-native:authorization:RoleAssignment traces-telemetry < traces",
  "azure-native:authorization:RoleDefinition traces-archive < traces",
  "azure-native:keyvault:Secret traces-queen-identity < traces",
  "azure-native:keyvault:Vault traces-vault < traces",
  "azure-native:managedidentity:UserAssignedIdentity traces-identity < traces",
  "azure-native:monitor:ScheduledQueryRule traces-dead-letters < traces",
  "azure-native:monitor:ScheduledQueryRule traces-errors < traces",
  "azure-native:monitor:ScheduledQueryRule traces-failures < traces",
  "azure-native:monitor:ScheduledQueryRule traces-no-report < traces",
  "azure-native:monitor:ScheduledQueryRule traces-oldest-file < traces",
  "azure-native:monitor:ScheduledQueryRule traces-set-aside < traces",
  "azure-native:network:NetworkSecurityGroup traces-subnet < traces",
  "azure-native:network:Subnet traces-subnet < traces",
  "azure-native:resources:Deployment traces-package < traces",
  "azure-native:storage:Blob traces-package < traces",
  "azure-native:storage:BlobContainer traces-packages < traces",
  "azure-native:storage:Queue traces-starts < traces",
  "azure-native:storage:Queue traces-starts-poison < traces",
  "azure-native:storage:StorageAccount traces-code < traces",
  "azure-native:web:AppServicePlan traces-plan < traces",
  "azure-native:web:WebApp traces < traces",
  "kvm-fabric:index:AzureTraceUploader traces < stack",
];

test("makes exactly its resources, the same where nothing is known yet", async () => {
  const known = await run();
  expect(tree(known)).toEqual([...ALWAYS, ...ARCHIVE, LOGS].sort());
  expect(tree(await run({}, { preview: true }))).toEqual(tree(known));
  expect(known.outputs.get("traces")).toEqual({
    accountName: "tracest6bd80ef2",
    containerName: "traces",
    deadLetterQueue: "traces-starts-poison",
    functionAppName: "tracesf4b7b0eb7",
    hostAccountName: "tracesce1c2272e",
  });
});

test("with a container and a workspace that are there, makes neither", async () => {
  const group = "/subscriptions/s/resourceGroups/g/providers";
  const deployment = await run({
    existingContainer: {
      accountId: `${group}/Microsoft.Storage/storageAccounts/mine`,
      accountName: "mine",
      containerName: "archive",
    },
    workspaceId: `${group}/Microsoft.OperationalInsights/workspaces/logs`,
  });
  expect(tree(deployment)).toEqual([...ALWAYS].sort());
  const { scope } = find(
    deployment,
    "azure-native:authorization:RoleAssignment",
    "traces-archive",
  ).inputs;
  expect(scope).toBe(
    `${group}/Microsoft.Storage/storageAccounts/mine/blobServices/default/containers/archive`,
  );
  expect(settingsOf(find(deployment, APP, "traces").inputs)).toMatchObject({
    STORE_BUCKET: "archive",
    STORE_ENDPOINT: "https://mine.blob.core.windows.net",
  });
});

function settingsOf({ siteConfig }: any): Record<string, string> {
  return Object.fromEntries(siteConfig.appSettings.map(({ name, value }: any) => [name, value]));
}

test("the app is Flex Consumption with Node.js 22 that nobody calls, with what the uploader reads", async () => {
  const { inputs, dependsOn } = find(await run(), APP, "traces");
  expect(inputs).toMatchObject({
    functionAppConfig: {
      deployment: {
        storage: {
          authentication: {
            type: "UserAssignedIdentity",
            userAssignedIdentityResourceId: "traces-identity-id",
          },
          value: "https://tracesce1c2272e.blob.core.windows.net/packages",
        },
      },
      runtime: { name: "node", version: "22" },
      scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: 1 },
    },
    httpsOnly: true,
    publicNetworkAccess: "Disabled",
    siteConfig: { ftpsState: "Disabled", minTlsVersion: "1.2" },
    virtualNetworkSubnetId: "traces-subnet-id",
  });
  const settings = settingsOf(inputs);
  expect(settings).toMatchObject({
    AzureWebJobsStorage__accountName: "tracesce1c2272e",
    AzureWebJobsStorage__credential: "managedidentity",
    AZURE_CLIENT_ID: "44444444-4444-4444-4444-444444444444",
    UPLOAD_QUEUE: "traces-starts",
    UPLOAD_SCHEDULE: "0 */15 * * * *",
  });
  expect(readSettings(Target.Azure, settings)).toMatchObject({
    queen: {
      identity: {
        secret: expect.stringMatching(
          /^https:\/\/tracesv[0-9a-f]{8}\.vault\.azure\.net\/secrets\/queen-identity$/,
        ),
      },
    },
    store: { bucket: "traces", endpoint: "https://tracest6bd80ef2.blob.core.windows.net" },
    upload: { timeLimitSeconds: 900, stopBeforeSeconds: 60 },
  });
  expect(dependsOn).toEqual(
    expect.arrayContaining(["traces-archive", "traces-host-blobs", "traces-starts-poison"]),
  );
});

test("each right is on one resource, and exactly these are given", async () => {
  const { resources } = await run();
  const rows = resources
    .filter(({ type }) => type.endsWith(":RoleAssignment"))
    .map(({ inputs }) => {
      expect(inputs.principalType).toBe("ServicePrincipal");
      return `${inputs.roleDefinitionId.split("/").at(-1)} ${inputs.scope}`;
    });
  expect(rows.sort()).toEqual([
    "3913510d-42f4-4e42-8a64-420c390055eb traces-insights-id",
    "4633458b-17de-408a-b874-0445c86b69e6 traces-vault-id/secrets/queen-identity",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88 traces-code-id",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b traces-code-id",
    "traces-archive-id traces-traces-id/blobServices/default/containers/traces",
  ]);
  const role = resources.find(({ type }) => type.endsWith(":RoleDefinition"));
  expect(role?.inputs.permissions).toEqual([
    {
      actions: [],
      dataActions: [
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
      ],
    },
  ]);
});

test("the key is a secret wherever it goes, and nothing else has it", async () => {
  const deployment = await run();
  const { properties } = find(
    deployment,
    "azure-native:keyvault:Secret",
    "traces-queen-identity",
  ).inputs;
  expect(isSecret(properties) || isSecret(properties.value)).toBe(true);
  expect(JSON.parse(reveal(properties).value)).toMatchObject({
    "ca.crt": CERTIFICATE,
    "tls.key": KEY,
  });
  const open = deployment.resources.map(({ inputs, type: kind }) =>
    kind.startsWith("kvm-fabric:") ? {} : redact(inputs),
  );
  expect(JSON.stringify(open)).not.toContain("PRIVATE KEY");
});

test("the subnet lets out to Queen and to the services by name, and nothing besides", async () => {
  const { inputs } = find(
    await run(),
    "azure-native:network:NetworkSecurityGroup",
    "traces-subnet",
  );
  const rules = inputs.securityRules.map((rule: any) => {
    const to = rule.destinationAddressPrefixes?.join() ?? rule.destinationAddressPrefix;
    return `${rule.direction} ${rule.access} ${to} ${rule.destinationPortRange}`;
  });
  expect(rules).toEqual([
    "Outbound Allow 10.0.0.0/20 564",
    "Outbound Allow Storage 443",
    "Outbound Allow AzureKeyVault 443",
    "Outbound Allow AzureActiveDirectory 443",
    "Outbound Allow AzureMonitor 443",
    "Outbound Allow AzureFrontDoor.FirstParty 443",
    "Outbound Deny * *",
  ]);
  expect(find(await run(), "azure-native:network:Subnet", "traces-subnet").inputs).toMatchObject({
    addressPrefix: "10.0.250.0/27",
    defaultOutboundAccess: false,
    delegations: [{ serviceName: "Microsoft.App/environments" }],
    networkSecurityGroup: { id: "traces-subnet-id" },
    resourceGroupName: "fabric",
    virtualNetworkName: "fabric",
  });
});

test("the archive answers its subnet alone, to identities alone, over TLS 1.2, and keeps what is replaced", async () => {
  const deployment = await run({ lifecycle: { noncurrentDays: 400 } });
  expect(find(deployment, ACCOUNT, "traces-traces").inputs).toMatchObject({
    allowBlobPublicAccess: false,
    allowCrossTenantReplication: false,
    allowSharedKeyAccess: false,
    enableHttpsTrafficOnly: true,
    minimumTlsVersion: "TLS1_2",
    networkRuleSet: {
      bypass: "None",
      defaultAction: "Deny",
      virtualNetworkRules: [{ virtualNetworkResourceId: "traces-subnet-id" }],
    },
  });
  expect(
    find(deployment, "azure-native:storage:BlobServiceProperties", "traces-traces").inputs,
  ).toMatchObject({
    containerDeleteRetentionPolicy: { enabled: true, days: 365 },
    deleteRetentionPolicy: { enabled: true, days: 365 },
    isVersioningEnabled: true,
  });
  const { policy } = find(
    deployment,
    "azure-native:storage:ManagementPolicy",
    "traces-traces",
  ).inputs;
  expect(policy.rules[0].definition.actions).toEqual({
    baseBlob: { tierToCool: { daysAfterModificationGreaterThan: 30 } },
    version: { delete: { daysAfterCreationGreaterThan: 400 } },
  });
  expect(policy.rules[1].definition).toMatchObject({
    actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 2 } } },
    filters: { prefixMatch: ["traces/traces/.set-aside/"] },
  });
  // The host's account, which never has a trace, is not public either.
  expect(find(deployment, ACCOUNT, "traces-code").inputs).toMatchObject({
    allowBlobPublicAccess: false,
    allowSharedKeyAccess: true,
    minimumTlsVersion: "TLS1_2",
  });
});

test("a lock is on the account, made last and thus gone first", async () => {
  const type = "azure-native:authorization:ManagementLockByScope";
  const { dependsOn, inputs } = find(await run(), type, "traces-lock");
  expect(inputs).toMatchObject({ level: "CanNotDelete", scope: "traces-traces-id" });
  expect(dependsOn).toEqual(expect.arrayContaining(["traces-archive", "traces-traces"]));
  const open = find(await run({ deletionProtection: false }), type, "traces-lock");
  expect([open.protect, open.retainOnDelete]).toEqual([false, false]);
});

test("the vault answers the subnet and Azure itself, and cannot be purged while guarded", async () => {
  const vault = async (args = {}) =>
    find(await run(args), "azure-native:keyvault:Vault", "traces-vault").inputs.properties;
  expect(await vault()).toMatchObject({
    enablePurgeProtection: true,
    enableRbacAuthorization: true,
    networkAcls: {
      bypass: "AzureServices",
      defaultAction: "Deny",
      virtualNetworkRules: [{ id: "traces-subnet-id" }],
    },
    softDeleteRetentionInDays: 90,
    tenantId: "55555555-5555-5555-5555-555555555555",
  });
  const open = await vault({ deletionProtection: false });
  expect([open.enablePurgeProtection, open.softDeleteRetentionInDays]).toEqual([undefined, 7]);
});

test("the vault keeps the retention that it was made with, which Azure never changes", async () => {
  const { ignoreChanges } = find(await run(), "azure-native:keyvault:Vault", "traces-vault");
  expect(ignoreChanges).toEqual(["properties.softDeleteRetentionInDays"]);
});

test("the package is named by its content, and OneDeploy fetches it with a signature of an hour", async () => {
  const deployment = await run();
  const blob = find(deployment, "azure-native:storage:Blob", "traces-package").inputs;
  expect(blob).toMatchObject({ blobName: "0123456789abcdef.zip", containerName: "packages" });
  expect(Object.keys(blob.source.assets)).toEqual(["azure.js", "host.json", "package.json"]);
  expect(JSON.parse(blob.source.assets["host.json"].text)).toMatchObject({
    extensions: { queues: { batchSize: 1, maxDequeueCount: 5, newBatchThreshold: 0 } },
    functionTimeout: "00:16:00",
    version: "2.0",
  });
  const { inputs, dependsOn } = find(
    deployment,
    "azure-native:resources:Deployment",
    "traces-package",
  );
  expect(inputs.deploymentName).toBe("traces-package-0123456789abcdef");
  expect(dependsOn).toEqual(expect.arrayContaining(["traces", "traces-package"]));
  const { parameters, resources, variables } = inputs.properties.template;
  expect(parameters.until.defaultValue).toBe("[dateTimeAdd(utcNow(), 'PT1H')]");
  expect(variables.signature).toMatchObject({ signedPermission: "r", signedProtocol: "https" });
  expect(resources).toEqual([
    expect.objectContaining({
      name: "[concat(parameters('app'), '/onedeploy')]",
      properties: {
        packageUri: expect.stringContaining("listServiceSas("),
        remoteBuild: false,
      },
    }),
  ]);
});

test("each alert looks at three runs and tells the group", async () => {
  const group = `/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/actionGroups/ops`;
  const { resources } = await run({ actionGroupId: group, alarms: { oldestFileMinutes: 60 } });
  const alerts = resources.filter(({ type }) => type.endsWith(":ScheduledQueryRule"));
  for (const { inputs } of alerts) {
    expect(inputs).toMatchObject({
      actions: { actionGroups: [group] },
      scopes: ["traces-insights-id"],
      windowSize: "PT45M",
    });
  }
  const of = (name: string) =>
    alerts.find((alert) => alert.name === name)?.inputs.criteria.allOf[0];
  expect(of("traces-oldest-file")).toMatchObject({
    operator: "GreaterThan",
    query: expect.stringContaining("tolong(report.oldestAgeSeconds) > 3600"),
    threshold: 0,
  });
  expect(of("traces-no-report")).toMatchObject({
    operator: "Equals",
    query: expect.stringMatching(/\| where isnotnull\(tolong\(report\.oldestAgeSeconds\)\)$/),
    threshold: 0,
  });
  expect(of("traces-dead-letters").query).toContain('message has "traces-starts"');
});

test("archive, vault and logs are guarded, by default", async () => {
  const guarded = async (args = {}) =>
    (await run(args)).resources
      .filter(({ protect, retainOnDelete }) => protect && retainOnDelete)
      .map(({ type, name }) => `${type} ${name} < traces`)
      .sort();
  const vault = "azure-native:keyvault:Vault traces-vault < traces";
  const grant = "azure-native:authorization:RoleAssignment traces-archive < traces";
  expect(await guarded()).toEqual([...ARCHIVE, LOGS, grant, vault].sort());
  expect(await guarded({ deletionProtection: false })).toEqual([]);
});
