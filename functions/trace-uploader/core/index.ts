/** The uploader's core: what it does, apart from any cloud. */
export type { Clock } from "./clock";
export type { FileServer } from "./file-server";
export { StopReason, reportLine } from "./report";
export type { Problem, Report } from "./report";
export type { RunSettings } from "./run-settings";
export { uploadOnce } from "./upload-once";
export type { UploadOptions } from "./upload-once";
