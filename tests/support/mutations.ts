/** One thing made wrong in a stack's settings. */
export interface Mutation {
  /** What was done, and where. */
  title: string;
  /** The path that a fault has to name. */
  path: string;
  /** Places of the settings, from the root to the changed one. */
  place: readonly (string | number)[];
  /** Makes it wrong, in settings of one's own. */
  apply: (settings: any) => void;
}

type Place = (string | number)[];

/** Keys of objects whose own keys the user chooses: no key of theirs is unknown. */
const FREE = ["labels", "pools", "tags", "workers"];

/** Every change of a kind that the values of some settings allow; `root` begins each path. */
export function mutationsOf(root: string, settings: any) {
  const places = placesOf(settings);
  const at = (place: Place) => place.reduce((value, key) => value[key], settings);
  const change = (title: string, place: Place, value: unknown): Mutation => ({
    title: `${pathOf(root, place)} ${title}`,
    path: pathOf(root, place),
    place,
    apply: (copy) => {
      set(copy, place, value);
    },
  });
  const valued = (isRight: (value: unknown) => boolean) =>
    places.filter((place) => isRight(at(place)));
  return {
    wrongTypes: places.map((place) => change("of a wrong type", place, otherType(at(place)))),
    nulls: places.map((place) => change("null", place, null)),
    unknownKeys: valued(isObject)
      .filter((place) => !FREE.includes(String(place.at(-1))) || typeof place.at(-2) === "number")
      .flatMap((place) =>
        Object.keys(at(place)).map((key) => change("unknown", [...place, typo(key)], "x")),
      ),
    numbers: valued((value) => typeof value === "number").flatMap((place) =>
      [-7, 1e9].map((value) => change(`of ${value}`, place, value)),
    ),
    emptyLists: valued(Array.isArray).map((place) => change("empty", place, [])),
    emptyTexts: valued((value) => typeof value === "string").map((place) =>
      change("empty", place, ""),
    ),
  };
}

/** A missing key; which ones are required is the caller's to say. */
export function dropped(root: string, place: Place): Mutation {
  const path = pathOf(root, place);
  return {
    title: `${path} missing`,
    path,
    place,
    apply: (copy) => {
      remove(copy, place);
    },
  };
}

/** The path of a place as faults write it. */
export function pathOf(root: string, place: Place): string {
  return place.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}.${key}`),
    root,
  );
}

/** Every place below the root, from outside in. */
function placesOf(value: any, place: Place = []): Place[] {
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : isObject(value)
      ? Object.entries(value)
      : [];
  return entries.flatMap(([key, inner]) => [[...place, key], ...placesOf(inner, [...place, key])]);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function otherType(value: unknown): unknown {
  return typeof value === "string" ? { wrong: true } : "wrong";
}

/** Two letters in each other's place, as hands do it; a letter twice where that changes nothing. */
function typo(key: string): string {
  const swapped = `${key.slice(0, -2)}${key.at(-1)}${key.at(-2)}`;
  return swapped === key ? `${key}${key.at(-1)}` : swapped;
}

function set(settings: any, place: Place, value: unknown): void {
  const key = place.at(-1) ?? "";
  place.slice(0, -1).reduce((inner, step) => inner[step], settings)[key] = value;
}

function remove(settings: any, place: Place): void {
  const parent = place.slice(0, -1).reduce((inner, step) => inner[step], settings);
  Reflect.deleteProperty(parent, place.at(-1) ?? "");
}
