import * as net from "node:net";

const NO_TAG = 0xffff;
const NO_FID = 0xffffffff;
/** `O_CREAT | O_WRONLY | O_TRUNC` of Linux. */
const CREATE = 0o1101;

/**
 * Writes a file over 9P2000.L as a worker does, and has the server bring it to its disk (`Tfsync`) before it answers. Returns
 * with the connection still open. Errors: throws with the number that the server answers.
 */
export async function writeFile(
  port: number,
  aname: string,
  path: readonly string[],
  content: Buffer,
): Promise<net.Socket> {
  const socket = net.connect(port, "127.0.0.1");
  const ask = asking(socket);
  const names = path.slice(0, -1);
  try {
    await ask(100, NO_TAG, u32(8192), text("9P2000.L"));
    await ask(104, 1, u32(0), u32(NO_FID), text("root"), text(aname), u32(0));
    await ask(110, 1, u32(0), u32(1), u16(names.length), ...names.map(text));
    await ask(14, 1, u32(1), text(path.at(-1) ?? ""), u32(CREATE), u32(0o644), u32(0));
    for (let at = 0; at < content.length; at += 4096) {
      const piece = content.subarray(at, at + 4096);
      await ask(118, 1, u32(1), u64(at), u32(piece.length), piece);
    }
    await ask(50, 1, u32(1), u32(0));
    await ask(120, 1, u32(1));
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** One request at a time. */
function asking(socket: net.Socket) {
  let held = Buffer.alloc(0);
  let wake: (() => void) | undefined;
  let ended: Error | undefined;
  socket.on("data", (bytes: Buffer) => {
    held = Buffer.concat([held, bytes]);
    wake?.();
  });
  const end = (error: Error) => {
    ended = error;
    wake?.();
  };
  socket.on("error", end);
  socket.on("close", () => {
    end(new Error("the connection was closed"));
  });
  return async (type: number, tag: number, ...parts: Buffer[]): Promise<void> => {
    const body = Buffer.concat([Buffer.from([type]), u16(tag), ...parts]);
    socket.write(Buffer.concat([u32(body.length + 4), body]));
    while (held.length < 4 || held.length < held.readUInt32LE(0)) {
      if (ended !== undefined) throw ended;
      await new Promise<void>((resolve) => (wake = resolve));
    }
    const answer = held.subarray(0, held.readUInt32LE(0));
    held = held.subarray(answer.length);
    if (answer[4] === 7) throw new Error(`request ${type} failed with ${answer.readUInt32LE(7)}`);
    expect(answer[4]).toBe(type + 1);
  };
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u16(bytes.length), bytes]);
}
