import type * as pulumi from "@pulumi/pulumi";

/**
 * Makes pools one by one, each after the one that stands `lanes` places before it: clouds work on so many pools of a
 * cluster at a time, and refuse the next.
 */
export function inLanes<Settings, Pool extends pulumi.Resource>(
  pools: Readonly<Record<string, Settings>>,
  lanes: number,
  make: (name: string, settings: Settings, dependsOn: Pool[]) => Pool,
): Pool[] {
  const made: Pool[] = [];
  for (const [name, settings] of Object.entries(pools)) {
    const before = made.length < lanes ? [] : made.slice(-lanes).slice(0, 1);
    made.push(make(name, settings, before));
  }
  return made;
}
