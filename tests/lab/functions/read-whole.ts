import { connect, type Version } from "../../../functions/trace-uploader/ninep";
import { peakMemoryMib, resetPeakMemory } from "./peak-memory";

/**
 * Reads a file whole and prints what that took: port, tree, path, version. A process of its own, so that its memory is
 * nobody else's.
 */
async function main([port, aname, path, version]: string[]): Promise<void> {
  const session = await connect({
    ...{ host: "127.0.0.1", port: Number(port), aname: aname!, uname: "root" },
    ...{ userId: process.getuid?.() ?? 0, versions: [version as Version] },
  });
  await session.stat(path!);
  // What compiled this program's own text is not to count.
  resetPeakMemory();
  const before = peakMemoryMib();
  const started = process.hrtime.bigint();
  let [bytes, pieces] = [0, 0];
  for await (const piece of session.read(path!, { reuse: true })) {
    bytes += piece.length;
    pieces += 1;
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const after = peakMemoryMib();
  session.close();
  console.log(JSON.stringify({ bytes, pieces, seconds, before, after, msize: session.msize }));
}

void main(process.argv.slice(2));
