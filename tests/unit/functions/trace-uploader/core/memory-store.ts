import { createHash } from "node:crypto";
import { StoreError, StoreFault } from "../../../../../functions/trace-uploader/stores/store-error";
import type {
  Digest,
  Part,
  SourceIdentity,
  Store,
  StoredObject,
  Upload,
} from "../../../../../functions/trace-uploader/stores/store";

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** What is done to a call of the store: nothing, or an error before or after it had its effect. */
export interface Gate {
  before?: (call: string, key: string) => void | Promise<void>;
  after?: (call: string, key: string) => void | Promise<void>;
}

/** A store in memory that keeps its contract: create-only objects, parts that stay, whole objects only. */
export class MemoryStore implements Store {
  readonly objects = new Map<string, Buffer>();
  readonly noted = new Map<string, string>();
  /** Uploads that were begun and not finished, by key; parts by index. */
  readonly begun = new Map<string, Map<number, Buffer>>();
  readonly calls: string[] = [];
  readonly sources: SourceIdentity[] = [];
  partsAtOnce = 2;
  partBytes = 8;
  gate: Gate = {};
  /** What comes of an object's bytes on the way into the store. */
  damage: (key: string, bytes: Buffer) => Buffer = (_, bytes) => bytes;

  partLength(length: number): number {
    if (length > 1e15) throw new StoreError(StoreFault.Refused, "too long");
    return this.partBytes;
  }

  find(key: string): Promise<StoredObject | undefined> {
    return this.#call("find", key, () => {
      const bytes = this.objects.get(key);
      if (bytes === undefined) return undefined;
      return {
        length: bytes.length,
        matches: (digest: Digest) =>
          this.#call("matches", key, () => digest.sha256 === sha256(bytes)),
      };
    });
  }

  begin(key: string, source: SourceIdentity): Promise<Upload> {
    return this.#call("begin", key, () => {
      this.sources.push(source);
      const parts = this.begun.get(key) ?? new Map<number, Buffer>();
      this.begun.set(key, parts);
      const gone = () => {
        if (this.begun.get(key) !== parts) throw new StoreError(StoreFault.Gone, "no such upload");
      };
      return {
        had: parts.size,
        holds: (part: Part) => {
          const bytes = parts.get(part.index);
          return bytes?.length === part.length && sha256(bytes) === part.sha256;
        },
        put: (part: Part, bytes: Uint8Array) =>
          this.#call("put", key, () => {
            gone();
            if (sha256(bytes) !== part.sha256) throw new StoreError(StoreFault.Refused, "checksum");
            parts.set(part.index, Buffer.from(bytes));
          }),
        finish: (digest: Digest) =>
          this.#call("finish", key, () => {
            gone();
            if (this.objects.has(key)) throw new StoreError(StoreFault.Exists, "taken");
            const named = digest.parts.map(({ index, sha256: hash }) => {
              const bytes = parts.get(index);
              if (bytes === undefined || sha256(bytes) !== hash) {
                throw new StoreError(StoreFault.Refused, "part");
              }
              return bytes;
            });
            this.objects.set(key, this.damage(key, Buffer.concat(named)));
            this.begun.delete(key);
          }),
        abandon: () => Promise.resolve(),
      };
    });
  }

  note(key: string, body: string): Promise<void> {
    return this.#call("note", key, () => {
      if (!this.noted.has(key)) this.noted.set(key, body);
    });
  }

  async *notes(prefix: string): AsyncGenerator<string> {
    await this.#call("notes", prefix, () => undefined);
    yield* [...this.noted.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  async #call<T>(call: string, key: string, work: () => T): Promise<T> {
    this.calls.push(call);
    await this.gate.before?.(call, key);
    await new Promise((resolve) => setImmediate(resolve));
    const result = work();
    await this.gate.after?.(call, key);
    return result;
  }
}
