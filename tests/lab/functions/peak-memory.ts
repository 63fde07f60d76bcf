import * as fs from "node:fs";

/**
 * The most memory that this process was ever given, in MiB: VmHWM, see proc_pid_status(5). `process.resourceUsage().maxRSS` is not that:
 * a process begins with what its parent had when it was forked. Whole in itself, as its text is also run where nothing can be imported.
 */
export function peakMemoryMib(): number {
  const status = process.getBuiltinModule("node:fs").readFileSync("/proc/self/status", "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** Has the peak begin again with what the process has now: see proc_pid_clear_refs(5). */
export function resetPeakMemory(): void {
  fs.writeFileSync("/proc/self/clear_refs", "5");
}
