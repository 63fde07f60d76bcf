import type * as pulumi from "@pulumi/pulumi";
import type { GcpNetworkRef } from "../../components/network/network-ref";
import { GcpPostgres } from "../../components/postgres/gcp/gcp-postgres";
import { GcpRedis } from "../../components/redis/gcp/gcp-redis";
import { GcpTraceUploader } from "../../components/trace-uploader/gcp/gcp-trace-uploader";
import { names } from "../arguments";
import type { GcpFabricConfig } from "../gcp-arguments";
import { gcpStoreArgs, gcpUploaderArgs } from "../gcp-service-arguments";
import { cloudNames } from "../cloud-names";
import type { CloudServices } from "../services";

/** Where the services stand, and what makes them: `cloud` what Google Cloud runs, `inside` the consumers' Secrets. */
interface Place {
  cloud: pulumi.ProviderResource;
  inside: pulumi.ProviderResource;
  network: GcpNetworkRef;
}

/** The services that Google Cloud runs for a stack, as many of them as its file has. */
export function gcpServices(
  config: GcpFabricConfig,
  { cloud, inside, network }: Place,
): CloudServices {
  const { postgres, redis, traceUploader } = config.gcp;
  const options = { providers: [cloud, inside] };
  return {
    stores: (consumers) => ({
      postgres:
        postgres &&
        new GcpPostgres(
          names.postgres,
          gcpStoreArgs(config, "postgres", postgres, { consumers, network }),
          options,
        ),
      redis:
        redis &&
        new GcpRedis(
          names.redis,
          gcpStoreArgs(config, "redis", redis, { consumers, network }),
          options,
        ),
    }),
    uploader: (queen) => {
      if (traceUploader === undefined) return;
      const args = gcpUploaderArgs(config, traceUploader, network, queen);
      new GcpTraceUploader(cloudNames(config).uploader, args, { providers: [cloud] });
    },
  };
}
