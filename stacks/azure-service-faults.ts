import { planAzurePostgres } from "../components/postgres/azure/plan";
import type { AzureNetworkRef } from "../components/network/network-ref";
import { planAzureRedis } from "../components/redis/azure/plan";
import type { Fault } from "../components/shared/faults";
import { planAzureTraceUploader } from "../components/trace-uploader/azure/plan";
import { names } from "./arguments";
import type { AzureFabricConfig } from "./azure-arguments";
import { azureStoreArgs, type AzureStorePlace, azureUploaderArgs } from "./azure-service-arguments";
import { cloudNames } from "./cloud-names";
import { uploadsPlaceholder } from "./managed-services";
import { partFaults, within } from "./part-faults";
import { storeConsumers } from "./service-arguments";
import { findings } from "./unreadable";

/** What the planners of the services that Azure runs find wrong with a configuration; `network` as far as it is known. */
export function azureServiceFaults(
  root: string,
  config: AzureFabricConfig,
  network: AzureNetworkRef,
  today: Date,
): Fault[] {
  const passedOn = {
    network: `${root}.existingNetwork`,
    resourceGroupName: `${root}.resourceGroupName`,
    tags: `${root}.tags`,
  };
  return findings(
    () =>
      within(`${root}.postgres`, config.azure.postgres, (path, settings) => {
        const args = azureStoreArgs(config, "postgres", settings, placeOf(config, network));
        return partFaults(path, planAzurePostgres(names.postgres, args, today), passedOn);
      }),
    () =>
      within(`${root}.redis`, config.azure.redis, (path, settings) => {
        const args = azureStoreArgs(config, "redis", settings, placeOf(config, network));
        return partFaults(path, planAzureRedis(names.redis, args), passedOn);
      }),
    () =>
      within(`${root}.traceUploader`, config.azure.traceUploader, (path, settings) => {
        const args = azureUploaderArgs(config, settings, network, uploadsPlaceholder);
        return partFaults(
          path,
          planAzureTraceUploader(cloudNames(config).uploader, args),
          passedOn,
        );
      }),
  );
}

function placeOf(config: AzureFabricConfig, network: AzureNetworkRef): AzureStorePlace {
  return { consumers: storeConsumers(config, "services"), network };
}
