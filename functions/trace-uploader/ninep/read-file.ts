import { Fault } from "./fault";
import { Fid } from "./fid";
import { mostData, type Link } from "./link";
import { Qt } from "./names";
import { readRequest } from "./requests";

/** How a file is read. */
export interface ReadSettings {
  /** Where to begin, in bytes. */
  offset: bigint;
  /** The most reads that are under way at once. */
  window: number;
  /** Whether the memory of a piece is used again once the next is asked for. */
  reuse: boolean;
  signal: AbortSignal | undefined;
}

/** A read under way. */
interface Piece {
  offset: bigint;
  count: number;
  data: Promise<Buffer>;
  /** Asks for what a reply before it left out. */
  rest: boolean;
}

/** Less than this is not taken for the most that a server sends in a reply. */
const LEAST_CHUNK = 512;

/**
 * The bytes of a file from an offset to its end, in the pieces that the server sends. Several reads are under way at once: one
 * at first, so that a small file costs few, then twice as many with every full reply. At most `window` pieces and the one
 * handed out are in memory. Ending early flushes what is under way.
 */
export async function* readFile(
  link: Link,
  names: readonly Uint8Array[],
  settings: ReadSettings,
): AsyncGenerator<Buffer, void, undefined> {
  const fid = new Fid(link);
  const ending = new AbortController();
  const abort = () => {
    ending.abort(settings.signal?.reason);
  };
  settings.signal?.addEventListener("abort", abort);
  try {
    await fid.walk(names, settings.signal);
    const { iounit, qid } = await fid.ask(link.dialect.open(fid.number), settings.signal);
    if ((qid.type & Qt.DIR) !== 0) throw new Fault("EISDIR", "is a directory");
    const chunk = iounit === 0 ? mostData(link) : Math.min(iounit, mostData(link));
    for await (const piece of pieces(fid, chunk, { ...settings, signal: ending.signal })) {
      yield piece;
      if (settings.reuse) link.exchange.memory.give(piece);
    }
  } finally {
    settings.signal?.removeEventListener("abort", abort);
    ending.abort();
    fid.release();
  }
}

async function* pieces(
  fid: Fid,
  most: number,
  { offset, window, signal }: Omit<ReadSettings, "reuse">,
): AsyncGenerator<Buffer, void, undefined> {
  const queue: Piece[] = [];
  let next = offset;
  let chunk = most;
  let width = 1;
  const fill = () => {
    for (; queue.length < width; next += BigInt(chunk)) {
      queue.push(startRead(fid, { offset: next, count: chunk, rest: false }, signal));
    }
  };
  for (;;) {
    fill();
    const piece = queue.shift();
    const data = await piece?.data;
    if (piece === undefined || data === undefined || data.length === 0) return;
    if (data.length < piece.count) {
      // The end, or a server that sends less than it is asked for.
      const rest = { offset: piece.offset + BigInt(data.length), count: piece.count - data.length };
      queue.unshift(startRead(fid, { ...rest, rest: true }, signal));
      if (piece.rest) chunk = Math.min(chunk, Math.max(data.length, LEAST_CHUNK));
    } else if (!piece.rest) {
      width = Math.min(window, width * 2);
    }
    fill(); // Before the piece is handed out, so that the server works meanwhile.
    yield data;
  }
}

function startRead(fid: Fid, piece: Omit<Piece, "data">, signal: AbortSignal | undefined): Piece {
  const data = fid.ask(readRequest(fid.number, piece.offset, piece.count), signal);
  // Who waits for a piece hears of it; the others end with it.
  data.catch(() => undefined);
  return { ...piece, data };
}
