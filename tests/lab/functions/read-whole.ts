import { connect, type Version } from "../../../functions/trace-uploader/ninep";

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
  const before = process.resourceUsage().maxRSS / 1024;
  const started = process.hrtime.bigint();
  let [bytes, pieces] = [0, 0];
  for await (const piece of session.read(path!, { reuse: true })) {
    bytes += piece.length;
    pieces += 1;
  }
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  const after = process.resourceUsage().maxRSS / 1024;
  session.close();
  console.log(JSON.stringify({ bytes, pieces, seconds, before, after, msize: session.msize }));
}

void main(process.argv.slice(2));
