import { spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { launcherScript } from "../../../../../lab/engine/language-host/launcher";

test("the launcher runs the host's TypeScript with that very Node.js, whatever its path", () => {
  const lab = path.resolve(__dirname, "../../../../../lab");
  const loads = `'--require' '${lab}/bootstrap/typescript.js' '${lab}/engine/language-host/main.ts'`;
  expect(launcherScript("/a node's/bin/node")).toBe(
    `#!/bin/sh\nexec '/a node'\\''s/bin/node' ${loads} "$@"\n`,
  );
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
