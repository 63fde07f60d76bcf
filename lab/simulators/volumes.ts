import type { Metrics } from "./metrics";
import type { ObjectCache } from "./object-cache";
import type { ClaimView, NodeView, StorageClassView, VolumeView } from "./objects";
import type { SimulatorApi } from "./simulator-api";
import { isToDelete, volumeDue } from "./volume-plan";

/** What the volume provisioner's stand-in works with. */
export interface VolumeParts {
  api: SimulatorApi;
  nodes: ObjectCache<NodeView>;
  claims: ObjectCache<ClaimView>;
  volumes: ObjectCache<VolumeView>;
  storageClasses: ObjectCache<StorageClassView>;
  metrics: Metrics;
}

/** Makes the function that gives one claim its volume. */
export function volumeProvisioner(parts: VolumeParts) {
  return async (claimKey: string): Promise<void> => {
    const claim = parts.claims.get(claimKey);
    if (claim === undefined) {
      return;
    }
    const storageClass = parts.storageClasses.get(claim.spec.storageClassName ?? "");
    const volume = volumeDue(claim, storageClass, (name) => parts.nodes.get(name));
    if (volume === undefined || parts.volumes.get(volume.metadata.name) !== undefined) {
      return;
    }
    await parts.api.createVolume(volume);
    parts.metrics.count("volumes_created_total");
  };
}

/** Makes the function that removes one volume once nothing needs it. */
export function volumeRemover({ api, volumes, metrics }: VolumeParts) {
  return async (name: string): Promise<void> => {
    const volume = volumes.get(name);
    if (volume !== undefined && isToDelete(volume)) {
      await api.removeVolume(name);
      metrics.count("volumes_removed_total");
    }
  };
}
