import fc from "fast-check";
import { BufferPool } from "../../../../../functions/trace-uploader/core/buffer-pool";
import type { FileServer } from "../../../../../functions/trace-uploader/core";
import { readParts, type ReadPart } from "../../../../../functions/trace-uploader/core/read-parts";
import { WorkWindow } from "../../../../../functions/trace-uploader/core/work-window";
import type { Digest } from "../../../../../functions/trace-uploader/stores/store";
import { sha256 } from "./memory-store";

const { signal } = new AbortController();

/** A server whose files come in pieces of these lengths, each in the same memory, as the client's do. */
function serving(contents: Buffer, pieces: readonly number[]): FileServer {
  async function* read() {
    const memory = Buffer.alloc(64);
    for (let from = 0, turn = 0; from < contents.length; turn++) {
      const length = Math.min(pieces[turn % pieces.length]!, contents.length - from);
      contents.copy(memory, 0, from, from + length);
      yield memory.subarray(0, length);
      memory.fill(0xee);
      from += length;
      await Promise.resolve();
    }
  }
  return { closed: undefined, read } as unknown as FileServer;
}

/** All parts as they came, and the digest; buffers go back to the pool. */
async function readAll(contents: Buffer, length: number, partLength: number, pieces = [7]) {
  const pool = new BufferPool(partLength * 2);
  const reading = readParts(
    serving(contents, pieces),
    pool,
    { path: [], length, partLength },
    signal,
  );
  const read: (ReadPart & { copy: Buffer })[] = [];
  let digest: Digest | undefined;
  for (;;) {
    const next = await reading.next();
    if (next.done === true) {
      digest = next.value;
      break;
    }
    read.push({ ...next.value, copy: Buffer.from(next.value.bytes) });
    pool.give(next.value.bytes);
  }
  expect(pool.taken).toBe(0);
  return { read, digest };
}

test("parts are the file, cut at the same places whatever the pieces, each with its own hash", async () => {
  const contents = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  const pieces = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      contents,
      fc.integer({ min: 1, max: 70 }),
      pieces,
      async (whole, size, cut) => {
        const { read, digest } = await readAll(whole, whole.length, size, cut);
        expect(Buffer.concat(read.map(({ copy }) => copy))).toEqual(whole);
        const count = Math.max(1, Math.ceil(whole.length / size));
        expect(read.map(({ part }) => part)).toEqual(
          Array.from({ length: count }, (_, index) => {
            const bytes = whole.subarray(index * size, (index + 1) * size);
            return { index, offset: index * size, length: bytes.length, sha256: sha256(bytes) };
          }),
        );
        expect(digest).toEqual({
          ...{ length: whole.length, sha256: sha256(whole) },
          parts: read.map(({ part }) => part),
        });
      },
    ),
  );
});

test("of a file that is longer or shorter than it was the last part never comes", async () => {
  const contents = Buffer.alloc(100, 1);
  for (const length of [0, 50, 96, 99, 101, 104, 108, 200]) {
    const { read, digest } = await readAll(contents, length, 8);
    expect([length, digest]).toEqual([length, undefined]);
    expect(read.every(({ part }) => part.offset + part.length < length)).toBe(true);
  }
});

test("memory is taken up to the bound, and one piece of any size; whoever waits is woken", async () => {
  const pool = new BufferPool(20);
  const first = await pool.take(8);
  const second = await pool.take(8);
  let third: Buffer | undefined;
  const taking = pool.take(8).then((buffer) => (third = buffer));
  await new Promise((resolve) => setImmediate(resolve));
  expect([pool.taken, third]).toEqual([16, undefined]);
  pool.give(first);
  await taking;
  expect(third).toBe(first); // The same memory again.
  pool.give(second);
  pool.give(third!);
  expect((await pool.take(500)).length).toBe(500);
});

test("a window lets so much be under way, and tells the first failure to whoever asks next", async () => {
  const window = new WorkWindow(2);
  let end: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => (end = resolve));
  await window.add(slow);
  let room = false;
  const adding = window.add(slow).then(() => (room = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(room).toBe(false);
  end();
  await adding;
  await expect(window.add(Promise.reject(new Error("first")))).resolves.toBeUndefined();
  await new Promise((resolve) => setImmediate(resolve));
  await expect(window.add(Promise.reject(new Error("second")))).rejects.toThrow("first");
  await expect(window.drain()).rejects.toThrow("first");
  await window.settle();
});
