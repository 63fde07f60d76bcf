import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { repository } from "../../support/source-files";
import { authority } from "../../unit/functions/trace-uploader/ninep/authority";
import { type S3Server, startS3Server, storeEnvironment } from "./s3-server";
import { assertServersAlive } from "./server-process";
import { COMMAND } from "./uploader-command";
import { left, plantTree, runScript, startQueen, treeSettings } from "./uploader-world";
import type { QueenStandIn, Tree } from "./uploader-world";

/* The bundles that write to S3, as they are deployed, against versitygw, with diod behind mutual TLS as Queen. */

const BUNDLE = path.join(repository, "components/trace-uploader/bundles/lambda.js");
const LAMBDA = `
  const { handler } = require(${JSON.stringify(BUNDLE)});
  const end = Date.now() + Number(process.env.SECONDS) * 1000;
  const context = { functionName: "uploader", getRemainingTimeInMillis: () => end - Date.now() };
  handler({}, context).catch((error) => { console.log(error.message); process.exitCode = 1; });`;

let queen: QueenStandIn;
let store: S3Server;
/** Plays Secrets Manager. */
let secrets: http.Server;

beforeAll(async () => {
  queen = await startQueen();
  store = await startS3Server();
  secrets = http.createServer((_request, answer) => {
    const { cert, key } = queen.client;
    const text = JSON.stringify({ "tls.crt": cert, "tls.key": key });
    answer.end(JSON.stringify({ SecretString: text }));
  });
  await new Promise<void>((resolve) => secrets.listen(0, "127.0.0.1", resolve));
});

afterEach(assertServersAlive);

afterAll(async () => {
  secrets.close();
  secrets.closeAllConnections();
  await store.kill();
  await queen.close();
});

function settings(tree: Tree): Record<string, string> {
  return {
    ...queen.environment,
    ...treeSettings(tree),
    ...storeEnvironment(`http://127.0.0.1:${store.port}`),
  };
}

/** Contents of the tree's files in the store, read off its disk. */
function stored({ name, files }: Tree): string[] {
  const root = path.join(store.bucket, name);
  if (!fs.existsSync(root)) return [];
  const found = fs
    .readdirSync(root, { recursive: true, withFileTypes: true, encoding: "utf8" })
    .filter((entry) => entry.isFile() && !path.relative(root, entry.parentPath).startsWith("."))
    .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name)));
  return [...files]
    .filter(([, content]) => found.filter((one) => one.equals(content)).length === 1)
    .map(([file]) => file);
}

test("the command moves a tree and says so in one line", async () => {
  const tree = plantTree(queen, "command");
  const { code, output } = await runScript(COMMAND, settings(tree)).ended;
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(JSON.parse(output)).toMatchObject({ message: "trace upload", moved: 4, failed: 0 });
  expect(stored(tree)).toEqual([...tree.files.keys()]);
  expect(left(tree)).toEqual(["trace/growing.partial"]);
});

test("a renewed identity is taken with the next run; a stranger's is let in by nobody", async () => {
  const tree = plantTree(queen, "renewed");
  await queen.renewIdentity(await authority("stranger"));
  const refused = await runScript(COMMAND, settings(tree)).ended;
  expect(refused).toMatchObject({ code: 1 });
  expect(left(tree)).toHaveLength(5);
  await queen.renewIdentity();
  expect(await runScript(COMMAND, settings(tree)).ended).toMatchObject({ code: 0 });
  expect(stored(tree)).toHaveLength(4);
});

test("the function of Lambda stops before its time, and the next one goes on", async () => {
  const tree = plantTree(queen, "lambda");
  const environment = {
    ...settings(tree),
    QUEEN_CERTIFICATE_FILE: "",
    QUEEN_KEY_FILE: "",
    QUEEN_IDENTITY_SECRET: "arn:aws:secretsmanager:us-east-1:123456789012:secret:uploader",
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`,
    AWS_REGION: "us-east-1",
    UPLOAD_STOP_BEFORE_SECONDS: "30",
    // A file must stay the same for longer than the first run has.
    UPLOAD_SETTLE_SECONDS: "3",
  };
  const first = await runScript(LAMBDA, { ...environment, SECONDS: "31" }).ended;
  expect(first).toMatchObject({ code: 0 });
  expect(JSON.parse(first.output)).toMatchObject({ stoppedEarly: true, stopReason: "time" });
  expect(left(tree)).toHaveLength(5);
  const second = await runScript(LAMBDA, { ...environment, SECONDS: "900" }).ended;
  expect(second).toMatchObject({ code: 0 });
  expect(JSON.parse(second.output)).toMatchObject({ FilesMoved: 4, FunctionName: "uploader" });
  expect(stored(tree)).toHaveLength(4);
});
