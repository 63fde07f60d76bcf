import type { StateResource } from "./critical-path/state";

/** A value of another resource: its URN, and the way to the value from the resource's properties. */
export interface Link {
  urn: string;
  path: (string | number)[];
}

/** A text with values of other resources in it. */
export interface LinkedText {
  $parts: (string | Link)[];
  /** The text as a whole is handed over in base64, as boot data are. */
  base64: boolean;
}

/** A value in which texts may be {@link LinkedText}. */
export type Linked = any;

/** Texts shorter than this say nothing about where they come from. */
const SHORTEST = 6;

/**
 * The value, in which whatever clouds answered the resources with refers to them. What was in their inputs is a literal to
 * a program without components too, and objects of Kubernetes answer with nothing that others need.
 */
export function linked(value: any, resources: readonly StateResource[]): Linked {
  const links = resources
    .filter(({ type }) => !type.startsWith("kubernetes:"))
    .flatMap(({ id, inputs, outputs, urn }) => {
      const given = JSON.stringify(inputs);
      return [
        [id, { urn, path: ["id"] }] satisfies [string, Link],
        ...texts(outputs, { urn, path: [] }),
      ].filter(
        ([text]) => text.length >= SHORTEST && !given.includes(JSON.stringify(text).slice(1, -1)),
      );
    });
  return within(
    value,
    links.sort(([a], [b]) => b.length - a.length),
  );
}

function texts(value: any, link: Link): [string, Link][] {
  if (typeof value === "string") return [[value, link]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) =>
    texts(entry, { ...link, path: [...link.path, Array.isArray(value) ? Number(key) : key] }),
  );
}

function within(value: any, links: readonly [string, Link][]): Linked {
  if (Array.isArray(value)) return value.map((entry) => within(entry, links));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, within(entry, links)]),
    );
  }
  if (typeof value !== "string") return value;
  const plain = parts(value, links);
  if (plain.length > 1 || typeof plain[0] === "object") return { $parts: plain, base64: false };
  const decoded = Buffer.from(value, "base64");
  if (decoded.toString("base64") !== value) return value;
  const hidden = parts(decoded.toString("utf8"), links);
  return hidden.length > 1 ? { $parts: hidden, base64: true } : value;
}

function parts(text: string, links: readonly [string, Link][]): (string | Link)[] {
  for (const [index, [known, link]] of links.entries()) {
    if (!text.includes(known)) continue;
    const between = text.split(known).map((part) => parts(part, links.slice(index)));
    return between
      .flatMap((some, place) => (place === 0 ? some : [link, ...some]))
      .filter((part) => part !== "");
  }
  return [text];
}
