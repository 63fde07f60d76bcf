import type { UploadSettings } from "../settings";

/** What one run of the uploader goes by. */
export interface RunSettings extends Pick<
  UploadSettings,
  | "filesAtOnce"
  | "folders"
  | "partialSuffixes"
  | "partsAtOnce"
  | "root"
  | "setAsideHours"
  | "settleSeconds"
> {
  /** What all keys begin with, a slash between; empty for nothing. */
  prefix: string;
  /** Seconds after which the run stops by itself, so that the next one goes on. */
  runSeconds: number;
}
