import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { eventually } from "../../support/wait";
import { filesBelow, moveLargeFile } from "./large-file";
import { startS3Server, storeEnvironment } from "./s3-server";
import { hashesBelow } from "./s3-world";
import { assertServersAlive } from "./server-process";
import { startCommand } from "./uploader-command";
import { left, startQueen } from "./uploader-world";

/* The bundle of the CronJob, as it is deployed, and what is large: a folder of many files, and a file. diod behind mutual TLS is Queen. */

/** The requirement's sizes where asked for; the gate moves enough to see memory grow. */
const WHOLE = process.env.KVM_FABRIC_LARGE_FILES === "1";
const FILES = WHOLE ? 10_000 : 500;
const LARGE_GIB = WHOLE ? 10 : 1;
/** The requirement's bound, for whatever there is to move. */
const MOST_MEMORY_MIB = 128;

/** What the tests started, to be ended whatever came of them. */
const opened: (() => Promise<void>)[] = [];

afterEach(assertServersAlive);
afterAll(() => Promise.all(opened.map((end) => end())));

test(`${FILES} files of one folder are moved to versitygw, each once, by a run that is stopped and the next`, async () => {
  const [queen, store] = [await startQueen(), await startS3Server()];
  opened.push(queen.close, store.kill);
  const folder = path.join(queen.folder, "trace");
  fs.mkdirSync(folder);
  const names = Array.from({ length: FILES }, (_, index) => `trace-${index}`);
  for (const name of names) fs.writeFileSync(path.join(folder, name), name);
  const start = () =>
    startCommand({
      ...queen.environment,
      ...storeEnvironment(`http://127.0.0.1:${store.port}`),
      UPLOAD_FOLDERS: "/trace",
      STORE_PREFIX: "many",
    });
  const first = start();
  await eventually("some are moved", () =>
    Promise.resolve(fs.readdirSync(folder).length < FILES * 0.9),
  );
  first.child.kill("SIGTERM");
  const ends = [await first.ended, await start().ended];
  const [stopped, whole] = ends.map(({ report }) => report);
  for (const { report, mostMemoryMib } of ends) {
    const memory = `${Math.round(mostMemoryMib)} MiB resident at most`;
    console.info(`${report.moved} files in ${report.seconds} s, ${memory}`);
  }
  expect(stopped).toMatchObject({ failed: 0, setAside: 0, stoppedEarly: true });
  const rest = FILES - stopped!.moved;
  expect(whole).toMatchObject({ moved: rest, failed: 0, waiting: 0, stoppedEarly: false });
  expect(rest).toBeGreaterThan(0);
  expect(left({ folder })).toEqual([]);
  const stored = hashesBelow(path.join(store.bucket, "many"));
  const expected = names.map((name) => createHash("sha256").update(name).digest("hex"));
  expect([...stored.values()].sort()).toEqual(expected.sort());
  for (const { mostMemoryMib } of ends) expect(mostMemoryMib).toBeLessThan(MOST_MEMORY_MIB);
});

test(`a sparse file of ${LARGE_GIB} GiB is moved whole, in less than ${MOST_MEMORY_MIB} MiB`, async () => {
  const { report, mostMemoryMib, objects, expected, ...rest } = await moveLargeFile(LARGE_GIB);
  console.info(`${Math.round(mostMemoryMib)} MiB resident at most, in ${report.seconds} s`);
  expect(report).toMatchObject({ moved: 1, bytes: expected.length, failed: 0 });
  expect(filesBelow(objects, "large").map(([, object]) => object)).toEqual([expected]);
  expect(rest.left).toEqual([]);
  expect(mostMemoryMib).toBeLessThan(MOST_MEMORY_MIB);
});
