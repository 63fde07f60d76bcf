/**
 * Progress of long work on standard error: what, how far, elapsed. The code is plain JavaScript in the
 * bootstrap, which needs it before anything is installed.
 */
export { formatElapsed, startProgress, withProgress } from "./bootstrap/progress";
export type { Progress, ProgressOptions, ProgressStream } from "./bootstrap/progress";
