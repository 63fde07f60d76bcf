/**
 * Types of resources that hold what cannot be made again: data, keys that data is encrypted with, and clusters, whose
 * objects go with them. The policy pack asks for their guards; a preview's comment flags their loss.
 */
export const statefulKinds: ReadonlySet<string> = new Set([
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:dynamodb/table:Table",
  "aws:ebs/volume:Volume",
  "aws:efs/fileSystem:FileSystem",
  "aws:eks/cluster:Cluster",
  "aws:elasticache/replicationGroup:ReplicationGroup",
  "aws:kms/key:Key",
  "aws:rds/cluster:Cluster",
  "aws:rds/instance:Instance",
  "aws:s3/bucket:Bucket",
  "aws:s3/bucketV2:BucketV2",
  "aws:secretsmanager/secret:Secret",
  "azure-native:cache:Redis",
  "azure-native:containerservice:ManagedCluster",
  "azure-native:dbforpostgresql:Server",
  "azure-native:keyvault:Key",
  "azure-native:keyvault:Vault",
  "azure-native:redisenterprise:RedisEnterprise",
  "azure-native:storage:StorageAccount",
  "gcp:compute/disk:Disk",
  "gcp:container/cluster:Cluster",
  "gcp:kms/cryptoKey:CryptoKey",
  "gcp:redis/instance:Instance",
  "gcp:secretmanager/secret:Secret",
  "gcp:sql/databaseInstance:DatabaseInstance",
  "gcp:storage/bucket:Bucket",
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:core/v1:PersistentVolume",
  "kubernetes:core/v1:PersistentVolumeClaim",
  "kubernetes:postgresql.cnpg.io/v1:Cluster",
  "random:index/randomBytes:RandomBytes",
  "random:index/randomPassword:RandomPassword",
  "tls:index/privateKey:PrivateKey",
]);

/** Says whether losing a resource of this type loses what cannot be made again. */
export function isStateful(type: string): boolean {
  return statefulKinds.has(type);
}
