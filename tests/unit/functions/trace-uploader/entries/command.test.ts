import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { repository } from "../../../../support/source-files";
import { authority } from "../ninep/authority";
import { directory, file, listen, type Listening, type Node } from "../ninep/memory-server";

// The very file that the CronJob runs.
const BUNDLE = path.join(repository, "components/trace-uploader/bundles/command.js");

let folder: string;
let environment: Record<string, string>;
/** Takes connections and says nothing. */
let silent: net.Server;
let connected: Promise<void>;

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-command-"));
  const own = await authority("queen");
  const { cert, key } = await own.issue("uploader");
  fs.writeFileSync(path.join(folder, "tls.crt"), cert);
  fs.writeFileSync(path.join(folder, "tls.key"), key);
  silent = net.createServer((socket) => socket.on("error", () => undefined).resume());
  connected = new Promise((resolve) => {
    silent.once("connection", () => {
      resolve();
    });
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  environment = {
    QUEEN_HOST: "127.0.0.1",
    QUEEN_PORT: String((silent.address() as net.AddressInfo).port),
    QUEEN_CA: own.ca,
    QUEEN_CERTIFICATE_FILE: path.join(folder, "tls.crt"),
    QUEEN_KEY_FILE: path.join(folder, "tls.key"),
    STORE_BUCKET: "traces",
  };
});

afterEach(async () => {
  const closed = new Promise((resolve) => silent.close(resolve));
  fs.rmSync(folder, { recursive: true, force: true });
  await closed;
});

function run(more: Record<string, string> = {}): {
  child: ChildProcess;
  ended: Promise<{ code: number | null; errors: string }>;
} {
  const env = { PATH: process.env.PATH, ...environment, ...more };
  const child = spawn(process.execPath, [BUNDLE], { env, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
  const ended = new Promise<{ code: number | null; errors: string }>((resolve) => {
    child.on("close", (code) => {
      resolve({ code, errors });
    });
  });
  return { child, ended };
}

test("what is wrong with the environment is told whole, with an exit code of its own", async () => {
  const { code, errors } = await run({ STORE_BUCKET: "", QUEEN_PORT: "0" }).ended;
  expect(code).toBe(2);
  expect(errors).toContain("STORE_BUCKET: missing");
  expect(errors).toContain("QUEEN_PORT: out of range");
});

test("an identity that is not there is no Queen's fault", async () => {
  const { code, errors } = await run({ QUEEN_KEY_FILE: path.join(folder, "none") }).ended;
  expect({ code, errors }).toMatchObject({ code: 2 });
  expect(errors).toContain("none cannot be read");
});

test("a Queen that is not there fails the run", async () => {
  const { code, errors } = await run({ QUEEN_PORT: "1" }).ended;
  expect(code).toBe(1);
  expect(errors).toContain("connect: ECONNREFUSED");
});

test("SIGTERM ends it well, whatever it waits for", async () => {
  const { child, ended } = run();
  await connected;
  child.kill("SIGTERM");
  expect(await ended).toEqual({ code: 0, errors: "" });
});

describe("with a Queen and a store that are there", () => {
  // In place of S3: a bucket that is empty and stays so, which is all that these runs ask for.
  const empty = '<?xml version="1.0"?><ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>';
  let queen: Listening;
  let store: http.Server;
  const open: Node = { ...file("x"), mtime: Math.round(Date.now() / 1000) - 1000 };

  async function settings(root: Node): Promise<Record<string, string>> {
    const own = await authority("fabric");
    const { cert, key } = await own.issue("uploader");
    const tls = { ...(await own.issue("queen")), ca: own.ca, requestCert: true };
    queen = await listen({ root, tls });
    store = http.createServer((_, answer) => answer.end(empty));
    await new Promise<void>((resolve) => store.listen(0, "127.0.0.1", resolve));
    const file = (name: string, text: string) => {
      fs.writeFileSync(path.join(folder, name), text);
      return path.join(folder, name);
    };
    return {
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
      QUEEN_CA: own.ca,
      QUEEN_CERTIFICATE_FILE: file("own.crt", cert),
      QUEEN_KEY_FILE: file("own.key", key),
      QUEEN_PORT: String(queen.port),
      QUEEN_SERVER_NAME: "queen",
      STORE_ENDPOINT: `http://127.0.0.1:${(store.address() as net.AddressInfo).port}`,
    };
  }

  afterEach(async () => {
    await queen.close();
    await new Promise((resolve) => store.close(resolve));
  });

  test.each([
    [{ "a.partial": open }, {}, 0, ""],
    [{ "a.partial": open }, { UPLOAD_OLDEST_FILE_SECONDS: "2000" }, 0, ""],
    [
      { "a.partial": open },
      { UPLOAD_OLDEST_FILE_SECONDS: "900" },
      3,
      expect.stringMatching(/^the oldest file is \d+ s old, more than 900 s\n$/),
    ],
    [undefined, {}, 3, "files and folders that failed: 1\n"],
  ])("served %j and told %j, it ends with %d", async (alerts, told, code, errors) => {
    const srv = alerts && directory({ alerts: directory(alerts), trace: directory() });
    const more = await settings(directory(srv && { srv }));
    expect(await run({ ...more, ...told }).ended).toEqual({ code, errors });
  });
});
