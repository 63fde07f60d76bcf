import path from "node:path";
import { ProgramInfo, RunPluginRequest } from "@pulumi/pulumi/proto/language_pb";
import { pluginCommand } from "../../../../../lab/engine/language-host/plugin";
import { runNode } from "../../../../../lab/engine/language-host/child";

const REPOSITORY = path.resolve(__dirname, "../../../../..");

function request(kind: string, directory = REPOSITORY): RunPluginRequest {
  const info = new ProgramInfo().setProgramDirectory(directory).setEntryPoint(".");
  const plugin = new RunPluginRequest().setInfo(info).setKind(kind).setPwd("/work-folder");
  return plugin.setArgsList(["--logtostderr", "127.0.0.1:9"]).setEnvList(["A=1", "B=x=y", "A=2"]);
}

test("a provider gets its folder, then the engine's arguments, in the engine's folder", () => {
  const { args, cwd, env } = pluginCommand(request("resource"));
  expect(args).toEqual([
    expect.stringMatching(/pulumi\/cmd\/run-plugin\/index\.js$/),
    REPOSITORY,
    "--logtostderr",
    "127.0.0.1:9",
  ]);
  expect(cwd).toBe("/work-folder");
  expect(env).toEqual({
    A: "2",
    B: "x=y",
    PULUMI_NODEJS_TYPESCRIPT: "true",
    TS_NODE_COMPILER_OPTIONS: '{"noCheck":true}',
  });
});

test("types are checked where the user asks for it", () => {
  const asked = request("resource").setEnvList(["TS_NODE_COMPILER_OPTIONS={}"]);
  expect(pluginCommand(asked).env.TS_NODE_COMPILER_OPTIONS).toBe("{}");
});

test("a policy pack gets the engine's arguments, then its folder, and runs there", () => {
  const { args, cwd } = pluginCommand(request("analyzer"));
  expect(args[0]).toMatch(/pulumi\/cmd\/run-policy-pack\/index\.js$/);
  expect(args.slice(1)).toEqual(["--logtostderr", "127.0.0.1:9", REPOSITORY]);
  expect(cwd).toBe(REPOSITORY);
});

test("a plugin without the SDK says what to install where", () => {
  expect(() => pluginCommand(request("resource", "/nowhere"))).toThrow(
    "Have you run npm install in /nowhere?",
  );
});

const quiet = { cwd: REPOSITORY, env: process.env };

test("a program's output, exit code and signal are told", async () => {
  const seen: string[] = [];
  const output = {
    stdout: (chunk: Buffer) => seen.push(`out ${chunk.toString()}`),
    stderr: (chunk: Buffer) => seen.push(`err ${chunk.toString()}`),
  };
  const cancelled = new AbortController().signal;
  const script = `console.log("a"); console.error("b"); process.exitCode = 7`;
  const end = await runNode(["-e", script], { ...quiet, output, cancelled });
  expect(end).toEqual({ code: 7, signal: undefined });
  expect(seen.sort()).toEqual(["err b\n", "out a\n"]);
});

test("a cancelled program is asked to end, then killed", async () => {
  const stop = new AbortController();
  const output = {
    stdout: () => {
      stop.abort();
    },
    stderr: () => undefined,
  };
  const script = `process.on("SIGINT", () => 0); console.log("up"); setInterval(() => 0, 1000)`;
  const options = { ...quiet, output, cancelled: stop.signal, graceSeconds: 0.2 };
  expect(await runNode(["-e", script], options)).toEqual({ code: undefined, signal: "SIGKILL" });
});

test("nothing starts after a cancellation", async () => {
  const end = await runNode(["-e", "process.exit(0)"], {
    ...quiet,
    cancelled: AbortSignal.abort(),
  });
  expect(end.code).toBeUndefined();
});
