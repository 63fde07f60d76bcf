import type { Fault } from "../../shared/faults";
import { patternFaults } from "../../shared/patterns";

/** The arguments that every store on Google Cloud has of its own. */
interface GcpStoreFields {
  encryptionKey?: unknown;
  labels?: Record<string, string>;
}

/** Finds what is wrong with the arguments that every store on Google Cloud has. */
export function gcpStoreFaults({ encryptionKey, labels = {} }: GcpStoreFields): Fault[] {
  return [
    ...patternFaults(
      "encryptionKey",
      encryptionKey,
      /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/,
      "not the id of a Cloud KMS key",
      "projects/P/locations/L/keyRings/R/cryptoKeys/K",
    ),
    ...Object.entries(labels).flatMap(([key, got]) => labelFaults(key, got)),
  ];
}

/** Source: https://cloud.google.com/resource-manager/docs/labels-overview#requirements */
function labelFaults(key: string, got: string): Fault[] {
  if (/^[a-z][-_a-z0-9]{0,62}$/.test(key) && /^[-_a-z0-9]{0,63}$/.test(got)) return [];
  const allowed = "a-z, 0-9, - and _, at most 63 characters, keys with a letter first";
  return [{ path: `labels.${key}`, problem: "not a label of Google Cloud", got, allowed }];
}
