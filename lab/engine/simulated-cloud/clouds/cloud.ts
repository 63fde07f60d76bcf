import type { Properties } from "../../grpc/wire";
import { type Sdk, openSdk } from "../sdk/sdk";
import { awsFunctions } from "./aws/functions";
import { awsKinds, otherAwsKind } from "./aws/kinds";
import { awsReferences } from "./aws/references";
import { azureFunctions } from "./azure/functions";
import { azureKinds, otherAzureKind } from "./azure/kinds";
import { azureReferences } from "./azure/references";
import type { CloudKind, Scene } from "./cloud-kind";
import { gcpFunctions } from "./gcp/functions";
import { gcpKinds, otherGcpKind } from "./gcp/kinds";
import { gcpReferences } from "./gcp/references";
import type { CloudName } from "./provider-config";
import type { ReferenceTable } from "./references";

/** Answers a function call of a provider. */
export type CloudFunction = (args: Properties, scene: Scene) => Properties;

/** All that is known of one cloud. */
export interface Cloud {
  name: CloudName;
  /** Its SDK, opened at first use. */
  sdk(): Sdk;
  kind(type: string): CloudKind;
  references: ReferenceTable;
  functions: Readonly<Record<string, CloudFunction>>;
}

const sdks = new Map<CloudName, Sdk>();

function lazySdk(name: CloudName): () => Sdk {
  return () => {
    const sdk = sdks.get(name) ?? openSdk(name);
    sdks.set(name, sdk);
    return sdk;
  };
}

/** The simulated clouds by their packages' names. */
export const clouds: Readonly<Record<CloudName, Cloud>> = {
  aws: {
    name: "aws",
    sdk: lazySdk("aws"),
    kind: (type) => awsKinds[type] ?? otherAwsKind(type),
    references: awsReferences,
    functions: awsFunctions,
  },
  gcp: {
    name: "gcp",
    sdk: lazySdk("gcp"),
    kind: (type) => gcpKinds[type] ?? otherGcpKind(type),
    references: gcpReferences,
    functions: gcpFunctions,
  },
  "azure-native": {
    name: "azure-native",
    sdk: lazySdk("azure-native"),
    kind: (type) => azureKinds[type] ?? otherAzureKind(type),
    references: azureReferences,
    functions: azureFunctions,
  },
};
