import type * as pulumi from "@pulumi/pulumi";
import type { AzureNetworkRef } from "../../components/network/network-ref";
import { AzurePostgres } from "../../components/postgres/azure/azure-postgres";
import { AzureRedis } from "../../components/redis/azure/azure-redis";
import { AzureTraceUploader } from "../../components/trace-uploader/azure/azure-trace-uploader";
import { names } from "../arguments";
import type { AzureFabricConfig } from "../azure-arguments";
import { azureStoreArgs, azureUploaderArgs } from "../azure-service-arguments";
import { cloudNames } from "../cloud-names";
import type { CloudServices } from "../services";

/** Where the services stand, and what makes them: `cloud` what Azure runs, `inside` the consumers' Secrets. */
interface Place {
  cloud: pulumi.ProviderResource;
  inside: pulumi.ProviderResource;
  network: AzureNetworkRef;
}

/** The services that Azure runs for a stack, as many of them as its file has. */
export function azureServices(
  config: AzureFabricConfig,
  { cloud, inside, network }: Place,
): CloudServices {
  const providers = [cloud, inside];
  // Each may have a subnet of its own, and Azure changes a network once at a time: one comes after the other.
  const made: pulumi.Resource[] = [];
  const inTurn = <T extends pulumi.Resource>(
    make: (options: pulumi.ComponentResourceOptions) => T,
  ): T => {
    const one = make({ providers, dependsOn: made.slice(-1) });
    made.push(one);
    return one;
  };
  const { postgres, redis, traceUploader } = config.azure;
  return {
    stores: (consumers) => ({
      postgres:
        postgres &&
        inTurn((options) => {
          const args = azureStoreArgs(config, "postgres", postgres, { consumers, network });
          return new AzurePostgres(names.postgres, args, options);
        }),
      redis:
        redis &&
        inTurn((options) => {
          const args = azureStoreArgs(config, "redis", redis, { consumers, network });
          return new AzureRedis(names.redis, args, options);
        }),
    }),
    uploader: (queen) => {
      if (traceUploader === undefined) return;
      const args = azureUploaderArgs(config, traceUploader, network, queen);
      inTurn((options) => new AzureTraceUploader(cloudNames(config).uploader, args, options));
    },
  };
}
