import * as fc from "fast-check";
import { ByteReader } from "../../../../../functions/trace-uploader/ninep/byte-reader";
import { ByteWriter } from "../../../../../functions/trace-uploader/ninep/byte-writer";
import { dialectOf, type Dialect } from "../../../../../functions/trace-uploader/ninep/dialect";
import { Fault } from "../../../../../functions/trace-uploader/ninep/fault";
import { Frames } from "../../../../../functions/trace-uploader/ninep/frames";
import { MessageMemory } from "../../../../../functions/trace-uploader/ninep/message-memory";
import { NumberPool } from "../../../../../functions/trace-uploader/ninep/number-pool";
import { Version } from "../../../../../functions/trace-uploader/ninep/names";
import * as requests from "../../../../../functions/trace-uploader/ninep/requests";
import { readStatRecord } from "../../../../../functions/trace-uploader/ninep/stat-record";
import { replies, type Reply } from "./replies";
import { message, statRecord, text, u16, u32, u64, u8 } from "./wire";

const u16s = fc.integer({ min: 0, max: 0xffff });
const u32s = fc.integer({ min: 0, max: 0xffffffff });
const u64s = fc.bigInt({ min: 0n, max: 0xffffffffffffffffn });
const names = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const [linux, unix, plan9] = [Version.Linux, Version.Unix, Version.Plan9].map(dialectOf) as [
  Dialect,
  Dialect,
  Dialect,
];

function encode(request: requests.Request<unknown>, limit = 1 << 20): Buffer {
  const writer = new ByteWriter(limit);
  writer.u32(0);
  writer.u8(request.type);
  writer.u16(7);
  request.write(writer);
  return writer.message();
}

describe("requests have the layout of the manual pages", () => {
  const cases: [string, fc.Arbitrary<[requests.Request<unknown>, Buffer]>][] = [
    [
      "Tversion",
      fc
        .tuple(u32s, fc.string())
        .map(([msize, version]) => [
          requests.versionRequest(msize, version),
          message(100, 7, u32(msize), text(version)),
        ]),
    ],
    ["Tflush", u16s.map((tag) => [requests.flushRequest(tag), message(108, 7, u16(tag))])],
    [
      "Tattach (9P2000)",
      fc
        .tuple(u32s, fc.string(), fc.string())
        .map(([fid, uname, aname]) => [
          plan9.attach(fid, { uname, aname, numericUser: 5 }),
          message(104, 7, u32(fid), u32(0xffffffff), text(uname), text(aname)),
        ]),
    ],
    [
      "Tattach (.u and .L)",
      fc
        .tuple(u32s, fc.string(), fc.string(), u32s, fc.boolean())
        .map(([fid, uname, aname, numericUser, old]) => [
          (old ? unix : linux).attach(fid, { uname, aname, numericUser }),
          message(104, 7, u32(fid), u32(0xffffffff), text(uname), text(aname), u32(numericUser)),
        ]),
    ],
    [
      "Twalk",
      fc
        .tuple(u32s, u32s, fc.array(names, { maxLength: 16 }))
        .map(([fid, to, parts]) => [
          requests.walkRequest(fid, to, parts),
          message(110, 7, u32(fid), u32(to), u16(parts.length), ...parts.map(text)),
        ]),
    ],
    [
      "Tread",
      fc
        .tuple(u32s, u64s, u32s)
        .map(([fid, offset, count]) => [
          requests.readRequest(fid, offset, count),
          message(116, 7, u32(fid), u64(offset), u32(count)),
        ]),
    ],
    ["Tclunk", u32s.map((fid) => [requests.clunkRequest(fid), message(120, 7, u32(fid))])],
    ["Tremove", u32s.map((fid) => [requests.removeRequest(fid), message(122, 7, u32(fid))])],
    ["Topen", u32s.map((fid) => [plan9.open(fid), message(112, 7, u32(fid), u8(0))])],
    ["Tstat", u32s.map((fid) => [plan9.stat(fid), message(124, 7, u32(fid))])],
    [
      "Tread of a directory",
      fc
        .tuple(u32s, u64s, u32s)
        .map(([fid, offset, count]) => [
          unix.readDirectory(fid, offset, count),
          message(116, 7, u32(fid), u64(offset), u32(count)),
        ]),
    ],
    [
      "Tlopen",
      u32s.map((fid) => [
        linux.open(fid),
        message(12, 7, u32(fid), u32(0o100000 | 0o400000 | 0o4000)),
      ]),
    ],
    ["Tgetattr", u32s.map((fid) => [linux.stat(fid), message(24, 7, u32(fid), u64(0x7ff))])],
    [
      "Treaddir",
      fc
        .tuple(u32s, u64s, u32s)
        .map(([fid, offset, count]) => [
          linux.readDirectory(fid, offset, count),
          message(40, 7, u32(fid), u64(offset), u32(count)),
        ]),
    ],
    [
      "Tunlinkat",
      fc
        .tuple(u32s, names)
        .map(([directory, name]) => [
          linux.unlink!({ directory, name }),
          message(76, 7, u32(directory), text(name), u32(0)),
        ]),
    ],
    [
      "Trenameat",
      fc
        .tuple(u32s, names, u32s, names)
        .map(([a, from, b, to]) => [
          linux.rename(renaming(a, from, b, to))[0]!,
          message(74, 7, u32(a), text(from), u32(b), text(to)),
        ]),
    ],
    [
      "Trename",
      fc
        .tuple(u32s, names, u32s, names)
        .map(([a, from, b, to]) => [
          linux.rename(renaming(a, from, b, to))[1]!,
          message(20, 7, u32(99), u32(b), text(to)),
        ]),
    ],
    [
      "Twstat",
      fc
        .tuple(fc.boolean(), names)
        .map(([extended, name]) => [
          (extended ? unix : plan9).rename(renaming(1, name, 1, name))[0]!,
          wstat(name, extended),
        ]),
    ],
  ];
  test.each(cases)("%s", (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, ([request, expected]) => {
        expect(encode(request).equals(expected)).toBe(true);
      }),
    );
  });
});

const renaming = (a: number, from: Buffer, b: number, to: Buffer) => ({
  from: { directory: a, name: from },
  to: { directory: b, name: to },
  file: 99,
});

/** stat(5): all values say "don't touch" but the name. */
function wstat(name: Buffer, extended: boolean): Buffer {
  const ones = (count: number) => Buffer.alloc(count, 0xff);
  const tail = extended ? [u16(0), ones(12)] : [];
  const fields = Buffer.concat([
    ones(2 + 4 + 13 + 4 + 4 + 4 + 8),
    text(name),
    u16(0),
    u16(0),
    u16(0),
    ...tail,
  ]);
  return message(126, 7, u32(99), u16(fields.length + 2), u16(fields.length), fields);
}

describe("replies are read as they were written", () => {
  test.each(replies)("%s", (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, ({ read, body, value }: Reply) => {
        const reader = new ByteReader(body);
        expect(read(reader)).toEqual(value);
        reader.end();
      }),
    );
  });

  test.each(replies)("%s cut anywhere is refused", (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, fc.nat(), ({ read, body }: Reply, at) => {
        if (body.length === 0) return;
        expect(() => read(new ByteReader(body.subarray(0, at % body.length)))).toThrow(Fault);
      }),
    );
  });

  test.each(replies)(
    "%s with any bit flipped is refused or read within its bounds",
    (_, arbitrary) => {
      fc.assert(
        fc.property(
          arbitrary,
          fc.nat(),
          fc.integer({ min: 0, max: 7 }),
          ({ read, body }: Reply, at, bit) => {
            if (body.length === 0) return;
            const flipped = Buffer.from(body);
            flipped[at % body.length]! ^= 1 << bit;
            const reader = new ByteReader(flipped);
            try {
              read(reader);
              expect(reader.remaining).toBeGreaterThanOrEqual(0);
            } catch (error) {
              expect(error).toMatchObject({ code: "EPROTO" });
            }
          },
        ),
      );
    },
  );
});

test("a record of stat(5) tells what a file is", () => {
  const type = (mode: number, qidType: number, extended: boolean) =>
    readStatRecord(
      new ByteReader(
        statRecord(
          {
            qid: { type: qidType, version: 0, path: 0n },
            mode,
            mtime: 0,
            length: 0n,
            name: Buffer.from("n"),
          },
          extended,
        ),
      ),
      extended,
    ).attributes;
  expect(type(0o644, 0, false).type).toBe("file");
  expect(type(0x80000000 + 0o755, 0x80, false).type).toBe("directory");
  expect(type(0x20000000, 0x20, false)).toMatchObject({ type: "file", exclusive: true });
  expect(type(0x02000000, 0, true).type).toBe("symlink");
  expect(type(0, 0x02, true).type).toBe("symlink");
  for (const special of [0x00800000, 0x00200000, 0x00100000])
    expect(type(special, 0, true).type).toBe("other");
});

test("frames come out whole and in order however the stream is cut, and hold no more than one message", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      sizes,
      fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1 }),
      (bodies, cuts) => {
        const messages = bodies.map((size, index) =>
          message(117, index, Buffer.alloc(size, index)),
        );
        const stream = Buffer.concat(messages);
        const found: Buffer[] = [];
        const frames = new Frames(4096, new MessageMemory(0), (one) =>
          found.push(Buffer.from(one)),
        );
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const end = at + cuts[turn % cuts.length]!;
          frames.push(stream.subarray(at, end));
          expect(frames.pending).toBeLessThan(4096);
          at = end;
        }
        expect(frames.pending).toBe(0);
        expect(Buffer.concat(found).equals(stream)).toBe(true);
        expect(found.length).toBe(messages.length);
      },
    ),
  );
});

test("a frame's size is refused before there is room for it", () => {
  const frames = (limit: number) => new Frames(limit, new MessageMemory(0), () => undefined);
  for (const size of [0, 6, 4097, 0xffffffff]) {
    for (const cut of [1, 2, 3, 4]) {
      const parts = frames(4096);
      const before = process.memoryUsage().arrayBuffers;
      expect(() => {
        parts.push(u32(size).subarray(0, cut));
        parts.push(u32(size).subarray(cut));
      }).toThrow(`a message of ${size} bytes`);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
    }
  }
});

test("a request longer than agreed is refused on this side", () => {
  const long = requests.walkRequest(1, 2, [Buffer.alloc(5000)]);
  expect(() => encode(long, 4096)).toThrow("a request of more than the session's 4096 bytes");
  expect(() => encode(requests.walkRequest(1, 2, [Buffer.alloc(65_536)]))).toThrow("65535");
});

test("numbers are taken once, given back once and taken again", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), fc.nat(), (steps, seed) => {
      const pool = new NumberPool(20, "tag");
      const held: number[] = [];
      for (const [index, take] of steps.entries()) {
        if (take && held.length < 20) {
          const number = pool.take();
          expect(held).not.toContain(number);
          expect(number).toBeLessThan(20);
          held.push(number);
        } else if (take) expect(() => pool.take()).toThrow("all 20 tags are taken");
        else if (held.length > 0) pool.give(held.splice((seed + index) % held.length, 1)[0]!);
        expect(pool.taken).toBe(held.length);
      }
    }),
  );
  expect(() => {
    new NumberPool(3, "tag").give(1);
  }).toThrow("tag 1 is not taken");
});

test("memory is used again when it is given back, once, and only where it is a message's own", () => {
  const memory = new MessageMemory(2);
  const [first, second, third] = [memory.take(8000), memory.take(8000), memory.take(8000)];
  memory.give(first.subarray(100, 200));
  memory.give(first);
  const again = memory.take(7000);
  expect(again.buffer).toBe(first.buffer);
  expect(again.length).toBe(7000);
  expect(memory.take(7000).buffer).not.toBe(first.buffer);
  memory.give(Buffer.alloc(9000));
  expect(memory.take(8000).buffer.byteLength).toBe(8000);
  for (const piece of [again, second, third]) memory.give(piece);
  const kept = [memory.take(5000), memory.take(5000), memory.take(5000)].map(
    ({ buffer }) => buffer,
  );
  expect(kept.slice(0, 2)).toEqual([second.buffer, again.buffer]);
  expect(kept[2]!.byteLength).toBe(5000);
  const larger = memory.take(6000);
  memory.give(larger);
  expect(memory.take(6001).buffer).not.toBe(larger.buffer);
});
