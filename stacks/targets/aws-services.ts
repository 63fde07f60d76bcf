import type * as pulumi from "@pulumi/pulumi";
import type { AwsNetworkRef } from "../../components/network/network-ref";
import { AwsPostgres } from "../../components/postgres/aws/aws-postgres";
import { AwsRedis } from "../../components/redis/aws/aws-redis";
import { AwsTraceUploader } from "../../components/trace-uploader/aws/aws-trace-uploader";
import { names } from "../arguments";
import type { AwsFabricConfig } from "../aws-arguments";
import { awsStoreArgs, awsUploaderArgs } from "../aws-service-arguments";
import { cloudNames } from "../cloud-names";
import type { CloudServices } from "../services";

/** Where the services stand, and what makes them: `cloud` what AWS runs, `inside` the consumers' Secrets. */
interface Place {
  cloud: pulumi.ProviderResource;
  clusterSecurityGroupId: pulumi.Output<string>;
  inside: pulumi.ProviderResource;
  network: AwsNetworkRef;
}

/** The services that AWS runs for a stack, as many of them as its file has. */
export function awsServices(
  config: AwsFabricConfig,
  { cloud, clusterSecurityGroupId, inside, network }: Place,
): CloudServices {
  const { postgres, redis, traceUploader } = config.aws;
  const options = { providers: [cloud, inside] };
  return {
    stores: (consumers) => {
      const place = { clusterSecurityGroupId, consumers, network };
      return {
        postgres:
          postgres &&
          new AwsPostgres(
            names.postgres,
            awsStoreArgs(config, "postgres", postgres, place),
            options,
          ),
        redis:
          redis && new AwsRedis(names.redis, awsStoreArgs(config, "redis", redis, place), options),
      };
    },
    uploader: (queen) => {
      if (traceUploader === undefined) return;
      const args = awsUploaderArgs(config, traceUploader, network, queen);
      new AwsTraceUploader(cloudNames(config).uploader, args, { providers: [cloud] });
    },
  };
}
