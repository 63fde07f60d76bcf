import type { DeployOptions } from "../../support/deploy";
import { azureOutputs, gcpOutputs } from "../../support/cloud-outputs";

/** What the clouds compute, as far as uploaders build on it. */
export const outputsOf: DeployOptions["outputsOf"] = (type, name, inputs) => {
  if (type.startsWith("aws:")) {
    const [, service = ""] = /^aws:([^/]+)/.exec(type) ?? [];
    const arn =
      arns[type]?.(name, inputs) ?? `arn:aws:${service}:eu-central-1:123456789012:${name}`;
    return { arn, keyId: `${name}-key-id`, url: `https://sqs.example/${name}`, name };
  }
  if (type.startsWith("gcp:")) {
    return {
      ...(inputs.name === undefined && { name: `${name}-made` }),
      ...(type === "gcp:cloudfunctionsv2/function:Function" && {
        serviceConfig: { ...inputs.serviceConfig, uri: `https://${name}.a.run.app` },
      }),
      ...gcpOutputs(type, name, inputs),
      ...(type === "gcp:projects/serviceIdentity:ServiceIdentity" && {
        member: "serviceAccount:service-7@gcp-sa-pubsub.iam.gserviceaccount.com",
      }),
      ...(type === "gcp:projects/iAMCustomRole:IAMCustomRole" && {
        name: `projects/fabric-123456/roles/${inputs.roleId}`,
      }),
    };
  }
  return {
    ...azureOutputs(type, name, inputs),
    ...(type.startsWith("azure-native:") && { name: azureName(inputs) ?? name }),
    ...(type === "azure-native:managedidentity:UserAssignedIdentity" && {
      clientId: "44444444-4444-4444-4444-444444444444",
      tenantId: "55555555-5555-5555-5555-555555555555",
    }),
    ...(type === "azure-native:applicationinsights:Component" && {
      connectionString: "InstrumentationKey=0",
    }),
  };
};

const arns: Readonly<Record<string, (name: string, inputs: any) => string>> = {
  "aws:s3/bucket:Bucket": (name) => `arn:aws:s3:::${name}-id`,
  "aws:cloudwatch/logGroup:LogGroup": (_, inputs) =>
    `arn:aws:logs:eu-central-1:123456789012:log-group:${inputs.name}`,
  "aws:lambda/function:Function": (_, inputs) =>
    `arn:aws:lambda:eu-central-1:123456789012:function:${inputs.name}`,
  "aws:scheduler/scheduleGroup:ScheduleGroup": (_, inputs) =>
    `arn:aws:scheduler:eu-central-1:123456789012:schedule-group/${inputs.name}`,
  "aws:secretsmanager/secret:Secret": (name) =>
    `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-AbCdEf`,
  "aws:sqs/queue:Queue": (_, inputs) => `arn:aws:sqs:eu-central-1:123456789012:${inputs.name}`,
};

function azureName(inputs: any): string | undefined {
  const keys = [
    "accountName",
    "containerName",
    "blobName",
    "vaultName",
    "resourceName",
    "subnetName",
    "name",
  ];
  // A container says its account's name too: the last one that it has is its own.
  const own = keys.filter((key) => typeof inputs[key] === "string").map((key) => inputs[key]);
  return own.at(inputs.containerName !== undefined && inputs.blobName === undefined ? 1 : -1);
}
