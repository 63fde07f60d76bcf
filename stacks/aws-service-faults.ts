import { planAwsPostgres } from "../components/postgres/aws/plan";
import type { AwsNetworkRef } from "../components/network/network-ref";
import { planAwsRedis } from "../components/redis/aws/plan";
import type { Fault } from "../components/shared/faults";
import { planAwsTraceUploader } from "../components/trace-uploader/aws/plan";
import { names } from "./arguments";
import type { AwsFabricConfig } from "./aws-arguments";
import { awsStoreArgs, type AwsStorePlace, awsUploaderArgs } from "./aws-service-arguments";
import { cloudNames } from "./cloud-names";
import { uploadsPlaceholder } from "./managed-services";
import { partFaults, within } from "./part-faults";
import { storeConsumers } from "./service-arguments";
import { findings } from "./unreadable";

/** What the planners of the services that AWS runs find wrong with a configuration; `network` as far as it is known. */
export function awsServiceFaults(
  root: string,
  config: AwsFabricConfig,
  network: AwsNetworkRef,
  today: Date,
): Fault[] {
  const passedOn = { network: `${root}.existingNetwork`, tags: `${root}.tags` };
  return findings(
    () =>
      within(`${root}.postgres`, config.aws.postgres, (path, settings) => {
        const args = awsStoreArgs(config, "postgres", settings, placeOf(config, network));
        return partFaults(path, planAwsPostgres(names.postgres, args, today), passedOn);
      }),
    () =>
      within(`${root}.redis`, config.aws.redis, (path, settings) => {
        const args = awsStoreArgs(config, "redis", settings, placeOf(config, network));
        return partFaults(path, planAwsRedis(names.redis, args), passedOn);
      }),
    () =>
      within(`${root}.traceUploader`, config.aws.traceUploader, (path, settings) => {
        const args = awsUploaderArgs(config, settings, network, uploadsPlaceholder);
        return partFaults(path, planAwsTraceUploader(cloudNames(config).uploader, args), passedOn);
      }),
  );
}

/** The cluster's security group only exists once the cluster does. */
function placeOf(config: AwsFabricConfig, network: AwsNetworkRef): AwsStorePlace {
  const clusterSecurityGroupId = "sg-00000000000000000";
  return { clusterSecurityGroupId, consumers: storeConsumers(config, "services"), network };
}
