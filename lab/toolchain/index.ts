/** The lab's tools: versions as data, and the one function that has them ready. */
export { ensureTools, type ToolPaths } from "./ensure-tools";
export { type EnsureToolsOptions } from "./tool-run";
export {
  nodeToolNames,
  type NodeToolName,
  testToolNames,
  type TestToolName,
  toolNames,
  type ToolName,
} from "./versions";
