import { spawn } from "node:child_process";
import { once } from "node:events";
import { launcherScript } from "../../../../../lab/engine/language-host/launcher";

test("the launcher loads what is plain JavaScript before tsx", () => {
  const script = launcherScript("/a node/bin/node");
  expect(script).toContain("exec '/a node/bin/node' ");
  const places = ["/@grpc/grpc-js/", "/language_grpc_pb.js'", "/tsx/", "/main.ts'"].map((part) =>
    script.indexOf(part),
  );
  expect(Math.min(...places)).toBeGreaterThan(0);
  expect(places).toEqual([...places].sort((left, right) => left - right));
});

test("the launched host says its port and ends with the engine that holds its stdin", async () => {
  const host = spawn("/bin/sh", ["-c", launcherScript(process.execPath), "host", "127.0.0.1:1"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(host.stdout, "data")) as [Buffer];
  expect(line.toString()).toMatch(/^\d+\n$/);
  host.stdin.end();
  expect(await once(host, "exit")).toEqual([1, null]);
});
