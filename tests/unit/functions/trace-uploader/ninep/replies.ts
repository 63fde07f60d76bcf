import * as fc from "fast-check";
import type { ByteReader } from "../../../../../functions/trace-uploader/ninep/byte-reader";
import { dialectOf } from "../../../../../functions/trace-uploader/ninep/dialect";
import { Version } from "../../../../../functions/trace-uploader/ninep/names";
import * as requests from "../../../../../functions/trace-uploader/ninep/requests";
import { data, qid, statRecord, text, u16, u32, u64, u8 } from "./wire";

/** A reply's body as a server writes it, what it says, and how the client reads it. */
export interface Reply {
  body: Buffer;
  value: unknown;
  read: (body: ByteReader) => unknown;
}

const u32s = fc.integer({ min: 0, max: 0xffffffff });
const u64s = fc.bigInt({ min: 0n, max: 0xffffffffffffffffn });
const sizes = fc.bigInt({ min: 0n, max: 2n ** 53n - 1n });
const names = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const qids = fc.record({ type: fc.constantFrom(0, 0x80), version: u32s, path: u64s });
const [linux, unix, plan9] = [Version.Linux, Version.Unix, Version.Plan9].map(dialectOf);

const typeOf = (mode: number) => (mode >= 0x80000000 ? "directory" : "file");
const stats = fc
  .record({ qid: qids, mtime: u32s, length: sizes, name: names })
  .map((stat) => ({ ...stat, mode: (stat.qid.type << 24) >>> 0 }));
type Stat = typeof stats extends fc.Arbitrary<infer T> ? T : never;
const attributes = (stat: Stat) => ({
  qid: stat.qid,
  type: typeOf(stat.mode),
  size: Number(stat.length),
  mtimeNanoseconds: BigInt(stat.mtime) * 1_000_000_000n,
  exclusive: false,
});

const getattrs = fc.record({
  qid: qids,
  file: fc.boolean(),
  size: sizes,
  seconds: u64s,
  rest: u64s,
});

const both = [
  [plan9!, false, "9P2000"],
  [unix!, true, "9P2000.u"],
] as const;

/** One of each reply, with anything in it. */
export const replies: [string, fc.Arbitrary<Reply>][] = [
  [
    "Rversion",
    fc.tuple(u32s, names).map(([msize, version]) => ({
      body: Buffer.concat([u32(msize), text(version)]),
      value: { msize, version },
      read: requests.versionRequest(0, "").read,
    })),
  ],
  [
    "Rattach",
    qids.map((id) => ({
      body: qid(id),
      value: id,
      read: linux!.attach(0, { uname: "", aname: "", numericUser: 0 }).read,
    })),
  ],
  [
    "Rwalk",
    fc.array(qids, { maxLength: 16 }).map((value) => ({
      body: Buffer.concat([u16(value.length), ...value.map(qid)]),
      value,
      read: requests.walkRequest(0, 1, Array(16).fill(Buffer.from("x"))).read,
    })),
  ],
  [
    "Ropen and Rlopen",
    fc.tuple(qids, u32s, fc.boolean()).map(([id, iounit, old]) => ({
      body: Buffer.concat([qid(id), u32(iounit)]),
      value: { qid: id, iounit },
      read: (old ? plan9! : linux!).open(0).read,
    })),
  ],
  [
    "Rread",
    names.map((value) => ({
      body: data(value),
      value,
      read: requests.readRequest(0, 0n, 300).read,
    })),
  ],
  [
    "Rgetattr",
    getattrs.map(({ qid: id, file, size, seconds, rest }) => ({
      body: Buffer.concat([
        ...[
          u64(0x7ff),
          qid(id),
          u32(file ? 0o100600 : 0o040700),
          u32(1),
          u32(2),
          u64(3),
          u64(4),
          u64(size),
        ],
        ...[
          u64(5),
          u64(6),
          u64(7),
          u64(8),
          u64(seconds),
          u64(rest),
          u64(9),
          u64(10),
          u64(0),
          u64(0),
          u64(0),
          u64(0),
        ],
      ]),
      value: {
        ...{ qid: id, type: file ? "file" : "directory", size: Number(size), exclusive: false },
        mtimeNanoseconds: seconds * 1_000_000_000n + rest,
      },
      read: linux!.stat(0).read,
    })),
  ],
  [
    "Rreaddir",
    fc.array(fc.tuple(qids, names), { maxLength: 20 }).map((entries) => ({
      body: data(
        Buffer.concat(
          entries.flatMap(([id, name], index) => [qid(id), u64(index + 1), u8(8), text(name)]),
        ),
      ),
      value: {
        names: entries.map(([id, name]) => ({ name, qid: id, attributes: undefined })),
        next: entries.length === 0 ? undefined : BigInt(entries.length),
      },
      read: linux!.readDirectory(0, 0n, 1 << 20).read,
    })),
  ],
  ...both.flatMap(([dialect, extended, version]): [string, fc.Arbitrary<Reply>][] => [
    [
      `Rstat (${version})`,
      stats.map((stat) => {
        const record = statRecord(stat, extended);
        return {
          body: Buffer.concat([u16(record.length), record]),
          value: attributes(stat),
          read: dialect.stat(0).read,
        };
      }),
    ],
    [
      `Rread of a directory (${version})`,
      fc.array(stats, { maxLength: 20 }).map((entries) => {
        const records = Buffer.concat(entries.map((stat) => statRecord(stat, extended)));
        return {
          body: data(records),
          value: {
            names: entries.map((stat) => ({
              name: stat.name,
              qid: stat.qid,
              attributes: attributes(stat),
            })),
            next: records.length === 0 ? undefined : 100n + BigInt(records.length),
          },
          read: dialect.readDirectory(0, 100n, 1 << 20).read,
        };
      }),
    ],
  ]),
];
