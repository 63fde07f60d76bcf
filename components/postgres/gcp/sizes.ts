import type { Fault } from "../../shared/faults";

/** Numbers of vCPU that Enterprise Plus has machines of. */
const PLUS_CPUS = [2, 4, 8, 16, 32, 48, 64, 80, 96, 128];

const PLUS = /^db-perf-optimized-N-(\d+)$/;
const CUSTOM = /^db-custom-(\d+)-(\d+)$/;

/** True for a tier of the edition Enterprise Plus. */
export function isEnterprisePlus(size: string): boolean {
  return PLUS.test(size);
}

/**
 * Checks a tier. Machines that share a CPU are refused: Google's promise of availability leaves them out.
 * Source: https://cloud.google.com/sql/docs/postgres/instance-settings#machine-type-2ndgen
 */
export function sizeFaults(got: string): Fault[] {
  const path = "size";
  if (/^db-(f1-micro|g1-small)$/.test(got)) {
    const problem = "too small: it shares a CPU, and Google promises nothing of it";
    return [{ path, problem, got, fix: "db-custom-1-3840" }];
  }
  const plus = PLUS.exec(got);
  if (plus !== null) {
    if (PLUS_CPUS.includes(Number(plus[1]))) return [];
    const problem = "no such machine of Enterprise Plus";
    return [{ path, problem, got, allowed: `${PLUS_CPUS.join(", ")} vCPU` }];
  }
  const custom = CUSTOM.exec(got);
  if (custom !== null) return customFaults(got, Number(custom[1]), Number(custom[2]));
  const allowed = "db-perf-optimized-N-CPUS, db-custom-CPUS-MIB";
  return [{ path, problem: "not a tier of Cloud SQL", got, allowed }];
}

function customFaults(got: string, cpus: number, mib: number): Fault[] {
  const path = "size";
  const isEven = cpus === 1 || (cpus % 2 === 0 && cpus <= 96);
  if (cpus < 1 || !isEven) {
    return [{ path, problem: "no such number of vCPU", got, allowed: "1, or even up to 96" }];
  }
  const least = Math.max(3840, Math.ceil((cpus * 0.9 * 1024) / 256) * 256);
  const most = Math.floor((cpus * 6.5 * 1024) / 256) * 256;
  if (mib >= least && mib <= most && mib % 256 === 0) return [];
  const allowed = `${String(least)} to ${String(most)} MiB in steps of 256`;
  return [{ path, problem: "no such memory for its vCPU", got, allowed }];
}
