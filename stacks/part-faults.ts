import { type Fault, type Planned, under } from "../components/shared/faults";

/**
 * What a component's planner finds, below the path of the settings that it planned. The component's name is made of
 * the part's own key, so what is wrong with it is wrong with that. `passedOn` says of further arguments where the
 * stack's file has what the composition passed on. Pure, as all of this file.
 */
export function partFaults(
  path: string,
  result: Planned<unknown>,
  passedOn: Readonly<Record<string, string>> = {},
): Fault[] {
  if (result.ok) return [];
  const places = Object.entries({ name: path, ...passedOn });
  return under(path, result.faults).map((fault) => {
    const place = places.find(([argument]) => isAtOrBelow(fault.path, `${path}.${argument}`));
    if (place === undefined) return fault;
    const [argument, to] = place;
    return { ...fault, path: `${to}${fault.path.slice(path.length + 1 + argument.length)}` };
  });
}

/** What a search finds in settings that are there, below their path. */
export function within<T>(
  path: string,
  settings: T | undefined,
  search: (path: string, settings: T) => Fault[],
): Fault[] {
  return settings === undefined ? [] : search(path, settings);
}

function isAtOrBelow(path: string, at: string): boolean {
  return path === at || path.startsWith(`${at}.`) || path.startsWith(`${at}[`);
}

/** Whether two faults say the same. */
export function isSame(one: Fault, other: Fault): boolean {
  return one.path === other.path && one.problem === other.problem;
}

/** The faults without those that say the same: what the composition passed on to several parts is said once. */
export function distinctFaults(faults: readonly Fault[]): Fault[] {
  return faults.filter(
    (fault, index) => faults.findIndex((other) => isSame(fault, other)) === index,
  );
}

/** Checks that a region of AWS or Google Cloud looks like one; both end in a number. */
export function regionFaults(path: string, got: string): Fault[] {
  if (isRegion(got)) return [];
  return [{ path, problem: "not a region", got, allowed: "as in us-east-1 or europe-west1" }];
}

/** Zones that are of another region than the stack's: AWS and Google Cloud name zones after their region. */
export function zoneFaults(path: string, region: string, zones: readonly string[] = []): Fault[] {
  if (!isRegion(region)) return [];
  const isElsewhere = (zone: string) =>
    isZone(zone) && !(zone.startsWith(region) && /^[-a-z]/.test(zone.slice(region.length)));
  return zones.flatMap((got, index) => {
    if (!isElsewhere(got)) return [];
    const problem = "a zone of another region than the stack's";
    return [{ path: `${path}[${String(index)}]`, problem, got, allowed: `zones of ${region}` }];
  });
}

function isRegion(text: string): boolean {
  return /^[a-z]+(-[a-z]+)+-?\d+$/.test(text);
}

/** What is no zone at all is the planners' to refuse. */
function isZone(text: string): boolean {
  return /^[a-z]+(-[a-z]+)+-?\d+-?[-a-z0-9]*[a-z]$/.test(text);
}
