import { QueenCloud } from "../../../components/queen/args";
import { QueenRole } from "../../../components/queen/roles";
import { EvictionPolicy } from "../../../components/redis/args";
import { least } from "../data-store/managed/stores";

const digest = (name: string) => `registry.example/${name}@sha256:${"a".repeat(64)}`;
const consumers = [{ name: "gateway", namespace: "services", podLabels: { app: "gateway" } }];
const window = { maintenanceWindow: { hour: 4 } };
const tags = { team: "fabric" };
const single = {
  consumers,
  deletionProtection: false,
  highAvailability: false,
  instanceName: "prod-store",
};
const postgres = {
  ...single,
  ...window,
  backupRetentionDays: 7,
  database: "fabric",
  parameters: { log_min_duration_statement: "500" },
  username: "fabric",
};
const redis = { ...single, evictionPolicy: EvictionPolicy.AllKeysLru };
const queen = {
  assetSet: "assets-1",
  image: digest("queen"),
  namespace: "agents",
  proxyImage: digest("ghostunnel"),
};

/** As `argumentsOf`: of the stores that clouds run, and of Queen. */
export const storesAndQueen: Readonly<Record<string, readonly [object, object]>> = {
  AwsPostgres: [least.AwsPostgres, { ...least.AwsPostgres, ...postgres, tags }],
  AwsRedis: [least.AwsRedis, { ...least.AwsRedis, ...redis, ...window, tags }],
  AzurePostgres: [least.AzurePostgres, { ...least.AzurePostgres, ...postgres, tags }],
  AzureRedis: [least.AzureRedis, { ...least.AzureRedis, ...redis, tags }],
  GcpPostgres: [least.GcpPostgres, { ...least.GcpPostgres, ...postgres, labels: tags }],
  GcpRedis: [least.GcpRedis, { ...least.GcpRedis, ...redis, ...window, labels: tags }],
  Queen: [
    queen,
    {
      ...queen,
      consumers: [
        { name: "workers", namespace: "agents", role: QueenRole.Worker },
        { name: "uploader", namespace: "services", role: QueenRole.Uploader },
      ],
      guest: { egressCidrs: ["10.0.0.0/16"], initrd: "initrd", kernelArguments: "quiet" },
      loadBalancer: { allowedCidrs: ["10.0.0.0/16"], cloud: QueenCloud.Aws },
      nodeSelector: { disk: "fast" },
      storageClass: "gp3",
      tolerations: [{ key: "virtualization", operator: "Exists" }],
    },
  ],
};
