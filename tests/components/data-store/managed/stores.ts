import { AwsPostgres } from "../../../../components/postgres/aws/aws-postgres";
import { AzurePostgres } from "../../../../components/postgres/azure/azure-postgres";
import { GcpPostgres } from "../../../../components/postgres/gcp/gcp-postgres";
import { AwsRedis } from "../../../../components/redis/aws/aws-redis";
import { AzureRedis } from "../../../../components/redis/azure/azure-redis";
import { GcpRedis } from "../../../../components/redis/gcp/gcp-redis";
import type { DataStoreConsumer } from "../../../../components/data-store/consumers";
import { deploy, type Deployment, type DeployOptions } from "../../../support/deploy";
import { remember } from "../../../support/remember";
import { networks } from "../../../unit/components/data-store/managed/plans";

/** Recognisable wherever it goes. */
export const PASSWORD = "THE/PASSWORD";

export const AUTHORITY = "-----BEGIN CERTIFICATE-----\nQ0E=\n-----END CERTIFICATE-----\n";

export { networks };

const consumers: DataStoreConsumer[] = [
  { name: "gateway", namespace: "services" },
  { name: "report", namespace: "jobs", secretName: "database" },
];
const allowedCidrs = ["10.0.0.0/20"];
const shared = { allowedCidrs, consumers };
const subnetCidr = "10.0.240.0/28";

/** The least arguments of each class, with two consumers. */
export const least = {
  AwsPostgres: { ...shared, caCertificate: AUTHORITY, network: networks.aws, version: "17" },
  GcpPostgres: { ...shared, network: networks.gcp, version: "17" },
  AzurePostgres: { ...shared, network: networks.azure, subnetCidr, version: "17" },
  AwsRedis: { ...shared, network: networks.aws },
  GcpRedis: { ...shared, network: networks.gcp },
  AzureRedis: { ...shared, network: networks.azure, subnetCidr },
};

export type StoreClass = keyof typeof least;

export const CLASSES: readonly StoreClass[] = [
  "AwsPostgres",
  "GcpPostgres",
  "AzurePostgres",
  "AwsRedis",
  "GcpRedis",
  "AzureRedis",
];

const classes = { AwsPostgres, GcpPostgres, AzurePostgres, AwsRedis, GcpRedis, AzureRedis };

/** Makes a store of a class with more arguments, or others, than the least. */
export function make(kind: StoreClass, name = "db", args: object = {}) {
  const Store: any = classes[kind];
  return new Store(name, { ...least[kind], ...args });
}

/** What the clouds compute of what a store is made of. */
export const outputsOf: NonNullable<DeployOptions["outputsOf"]> = (type, name, inputs) => {
  const certificates = [{ cert: AUTHORITY }, { cert: AUTHORITY.replace("Q0E", "TkVX") }];
  switch (type) {
    case "aws:kms/key:Key":
      return { arn: `arn:aws:kms:eu-central-1:123456789012:key/${name}`, keyId: name };
    case "aws:rds/instance:Instance":
      return { address: `${name}.x.rds.amazonaws.com` };
    case "aws:elasticache/replicationGroup:ReplicationGroup":
      return { primaryEndpointAddress: `master.${name}.cache.amazonaws.com` };
    case "aws:secretsmanager/secret:Secret":
      return { arn: `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}` };
    case "gcp:projects/serviceIdentity:ServiceIdentity":
      return { member: `serviceAccount:agent@${inputs.service}` };
    case "gcp:sql/databaseInstance:DatabaseInstance":
      return {
        name: inputs.name,
        dnsName: `${name}.europe-west1.sql.goog.`,
        pscServiceAttachmentLink: "projects/tp/regions/europe-west1/serviceAttachments/a",
        serverCaCerts: certificates,
      };
    case "gcp:compute/address:Address":
      return { address: "10.0.0.9" };
    case "gcp:redis/instance:Instance":
      return { authString: PASSWORD, host: "10.9.0.4", port: 6378, serverCaCerts: certificates };
    case "random:index/randomPassword:RandomPassword":
      return { result: PASSWORD };
    case "random:index/randomId:RandomId":
      return { hex: "0a1b2c3d" };
    case "azure-native:dbforpostgresql:Server":
      return { name: inputs.serverName, fullyQualifiedDomainName: `${inputs.serverName}.test` };
    case "azure-native:redisenterprise:RedisEnterprise":
      return { name: inputs.clusterName, hostName: `${inputs.clusterName}.test` };
    case "azure-native:redisenterprise:Database":
      return { name: inputs.databaseName };
    case "azure-native:keyvault:Vault":
      return { name: inputs.vaultName };
    case "azure-native:keyvault:Key":
      return {
        name: inputs.keyName,
        keyUriWithVersion: `https://v.vault.azure.net/keys/data/${"0".repeat(32)}`,
      };
    case "azure-native:managedidentity:UserAssignedIdentity":
      return { principalId: "the-principal" };
    default:
      return {};
  }
};

/** What the clouds answer when asked for a store. */
export const storeCall: NonNullable<DeployOptions["call"]> = ({ token }) =>
  token.endsWith("listDatabaseKeys")
    ? { primaryKey: PASSWORD, secondaryKey: "ANOTHER" }
    : { tenantId: "the-tenant" };

/** Runs a program with stores. */
export function run(program: () => unknown, options: DeployOptions = {}): Promise<Deployment> {
  return deploy(program, { outputsOf, call: storeCall, ...options });
}

/** Makes one store by itself. */
export const runStore = remember((kind: StoreClass, args: object = {}) =>
  run(() => void make(kind, "db", args)),
);
