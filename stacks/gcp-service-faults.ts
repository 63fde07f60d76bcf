import { planGcpPostgres } from "../components/postgres/gcp/plan";
import type { GcpNetworkRef } from "../components/network/network-ref";
import { planGcpRedis } from "../components/redis/gcp/plan";
import type { Fault } from "../components/shared/faults";
import { planGcpTraceUploader } from "../components/trace-uploader/gcp/plan";
import { names } from "./arguments";
import type { GcpFabricConfig } from "./gcp-arguments";
import { gcpStoreArgs, type GcpStorePlace, gcpUploaderArgs } from "./gcp-service-arguments";
import { cloudNames } from "./cloud-names";
import { uploadsPlaceholder } from "./managed-services";
import { partFaults, within } from "./part-faults";
import { storeConsumers } from "./service-arguments";
import { findings } from "./unreadable";

/** What the planners of the services that Google Cloud runs find wrong with a configuration; `network` as far as it is known. */
export function gcpServiceFaults(
  root: string,
  config: GcpFabricConfig,
  network: GcpNetworkRef,
  today: Date,
): Fault[] {
  const passedOn = { network: `${root}.existingNetwork`, labels: `${root}.labels` };
  return findings(
    () =>
      within(`${root}.postgres`, config.gcp.postgres, (path, settings) => {
        const args = gcpStoreArgs(config, "postgres", settings, placeOf(config, network));
        return partFaults(path, planGcpPostgres(names.postgres, args, today), passedOn);
      }),
    () =>
      within(`${root}.redis`, config.gcp.redis, (path, settings) => {
        const args = gcpStoreArgs(config, "redis", settings, placeOf(config, network));
        return partFaults(path, planGcpRedis(names.redis, args), passedOn);
      }),
    () =>
      within(`${root}.traceUploader`, config.gcp.traceUploader, (path, settings) => {
        const args = gcpUploaderArgs(config, settings, network, uploadsPlaceholder);
        return partFaults(path, planGcpTraceUploader(cloudNames(config).uploader, args), passedOn);
      }),
  );
}

function placeOf(config: GcpFabricConfig, network: GcpNetworkRef): GcpStorePlace {
  return { consumers: storeConsumers(config, "services"), network };
}
