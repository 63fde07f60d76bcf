import type { Fault } from "../../shared/faults";
import { wholeNumberFaults } from "../../shared/numbers";

/** Checks a storage, in GiB, and the size that it may grow to by itself. */
export function storageFaults(
  storageGib: number,
  maxStorageGib: number | undefined,
  least: number,
): Fault[] {
  const faults = [
    ...wholeNumberFaults("storageGib", storageGib, least, 65_536),
    ...wholeNumberFaults("maxStorageGib", maxStorageGib, least, 65_536),
  ];
  if (faults.length > 0 || maxStorageGib === undefined) return faults;
  // Storage grows by steps of a tenth, at RDS for one: less room is none.
  const leastMost = Math.ceil((storageGib * 11) / 10);
  if (maxStorageGib >= leastMost) return [];
  const problem = "leaves the storage no room to grow";
  const allowed = `at least ${String(leastMost)}`;
  return [{ path: "maxStorageGib", problem, got: maxStorageGib, allowed }];
}

/** The size that a storage may grow to where none is given, in GiB: five times as much, as far as a cloud goes. */
export function mostStorageGib(storageGib: number, maxStorageGib: number | undefined): number {
  return maxStorageGib ?? Math.min(storageGib * 5, 65_536);
}
