import { createHash } from "node:crypto";
import type { Attributes } from "../ninep";
import { keyStart } from "./paths";
import type { RunContext } from "./run-context";
import { encodePath, pathHash } from "./keys";

/** What notes are made with. */
export type NotesContext = Pick<RunContext, "clock" | "settings" | "store">;

/** So many notes are kept in mind; whoever is beyond them is tried again, which costs time alone. */
const MOST_NOTES = 100_000;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** What is left alone, by path; see {@link AsideNotes}. */
export interface Aside {
  /** The names below the root. */
  path: readonly Uint8Array[];
  /** What it was when it failed: when that changes it is tried again. `undefined` for all that it may become. */
  attributes: Attributes | undefined;
}

/**
 * Which files are left alone, and until when. It lies in the store, one object each, under the day on which the time ends, so that a run reads
 * only what still counts: nothing is ever removed. Times are those of the machines that run the uploader, compared with nobody else's.
 */
export class AsideNotes {
  readonly #context: NotesContext;
  readonly #untilSeconds = new Map<string, number>();

  constructor(context: NotesContext) {
    this.#context = context;
  }

  /** Reads what is noted. Errors: StoreError. */
  async load(signal: AbortSignal): Promise<void> {
    const { clock, settings, store } = this.#context;
    const now = clock.wallSeconds();
    const last = now + settings.setAsideHours * HOUR;
    for (let at = now; dayOf(at) <= dayOf(last); at += DAY) {
      for await (const key of store.notes(`${this.#folder}${dayOf(at)}/`, signal)) {
        const [, name, until] = /\/([0-9a-f]{32}-[0-9a-z]+)-(\d+)\.json$/.exec(key) ?? [];
        if (name === undefined || this.#untilSeconds.size >= MOST_NOTES) continue;
        // A copy: what is cut out of a key holds the key in memory.
        const own = Buffer.from(name).toString("latin1");
        this.#untilSeconds.set(own, Math.max(Number(until), this.#untilSeconds.get(own) ?? 0));
      }
    }
  }

  /** Whether something is left alone. */
  has(aside: Aside): boolean {
    const names = [nameOf(aside), nameOf({ ...aside, attributes: undefined })];
    const now = this.#context.clock.wallSeconds();
    return names.some((name) => (this.#untilSeconds.get(name) ?? 0) > now);
  }

  /** Leaves something alone for so many hours. Errors: StoreError. */
  async add(aside: Aside, note: { reason: string; hours: number }, signal: AbortSignal) {
    const { clock, settings, store } = this.#context;
    const at = clock.wallSeconds();
    const until = Math.floor(at + Math.min(note.hours, settings.setAsideHours) * HOUR);
    const key = `${this.#folder}${dayOf(until)}/${nameOf(aside)}-${until}.json`;
    const body = {
      path: encodePath(aside.path),
      reason: note.reason,
      at: new Date(at * 1000).toISOString(),
      until: new Date(until * 1000).toISOString(),
    };
    await store.note(key, JSON.stringify(body), signal);
    this.#untilSeconds.set(nameOf(aside), until);
  }

  get #folder(): string {
    return `${keyStart(this.#context.settings)}.set-aside/`;
  }
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function nameOf({ path, attributes }: Aside): string {
  return `${pathHash(path).slice(0, 32)}-${attributes === undefined ? "any" : hashOf(attributes)}`;
}

function hashOf({ qid, size, mtimeNanoseconds }: Attributes): string {
  const text = [size, mtimeNanoseconds, qid.path, qid.version].join(" ");
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
