import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { freePorts } from "../../../../../lab/ports";
import { repository } from "../../../../support/source-files";

// The bundle in Google's own functions framework, which is what Cloud Run starts it with.
const FRAMEWORK = path.join(
  repository,
  "node_modules/@google-cloud/functions-framework/build/src/main.js",
);
const BUNDLE = path.join(repository, "components/trace-uploader/bundles/cloud-run.js");

let folder: string;
let framework: ChildProcess;
let url: string;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-cloud-run-"));
  fs.copyFileSync(BUNDLE, path.join(folder, "index.js"));
  fs.writeFileSync(path.join(folder, "package.json"), '{"main":"index.js"}');
  const [port = 0] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  const args = [FRAMEWORK, "--target=uploadTraces", `--source=${folder}`, `--port=${port}`];
  const env = { PATH: process.env.PATH, STORE_BUCKET: "traces" };
  framework = spawn(process.execPath, args, { env, stdio: "ignore" });
  for (;;) {
    if (framework.exitCode !== null) throw new Error("the framework ended");
    if (await fetch(url).catch(() => undefined)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

afterAll(async () => {
  const gone = new Promise((resolve) => framework.once("close", resolve));
  framework.kill("SIGKILL");
  await gone;
  fs.rmSync(folder, { recursive: true, force: true });
});

test("the framework finds the entry point; a run that cannot be done is answered 500, so that it is tried again", async () => {
  const answer = await fetch(url, { method: "POST" });
  expect(answer.status).toBe(500);
  const { error } = (await answer.json()) as { error: string };
  expect(error).toContain("QUEEN_HOST: missing");
});

test("who only looks starts nothing", async () => {
  expect((await fetch(url)).status).toBe(405);
});
