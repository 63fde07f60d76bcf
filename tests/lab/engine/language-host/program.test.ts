import fs from "node:fs";
import { until } from "../../../support/wait";
import { finished, program, workspace, written, type Workspace } from "./workspace";

let lab: Workspace;
beforeAll(async () => {
  lab = await workspace();
});
afterAll(() => {
  lab.remove();
});

const up = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev"];

async function stackOf(name: string, text: string, more = "") {
  lab.write(program(name, text, more));
  await lab.pulumi(name, "stack", "init", "dev");
}

// The part in which the CLI repeats all messages in full.
function diagnostics(output: string): string {
  return output.slice(output.indexOf("Diagnostics:"));
}

test("a TypeScript program is previewed, run, refreshed and destroyed", async () => {
  await stackOf(
    "whole",
    `import * as pulumi from "@pulumi/pulumi";
     const config = new pulumi.Config();
     class Part extends pulumi.ComponentResource {
       constructor(name: string) { super("test:index:Part", name); this.registerOutputs({}); }
     }
     new Part("part");
     console.log(\`dry run: \${pulumi.runtime.isDryRun()}\`, process.env.PULUMI_CONFIG);
     export const size: number = config.requireNumber("size") + 1;
     export const hidden = config.requireSecret("hidden");
     export const place = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
     export const folder = process.cwd();
     export const node = process.execPath;`,
  );
  await lab.pulumi("whole", "config", "set", "size", "41");
  await lab.pulumi("whole", "config", "set", "--secret", "hidden", "correct horse");
  const preview = await lab.pulumi("whole", "preview", "--non-interactive");
  expect(preview).toMatchObject({ code: 0 });
  expect(preview.output).toContain("dry run: true");
  expect(preview.output).toContain('"whole:config:size":"41"');
  const result = await lab.pulumi("whole", ...up);
  expect(result.output).toContain("dry run: false");
  expect(result.output).toContain("+ 2 created");
  const outputs = await lab.pulumi("whole", "stack", "output", "--json");
  expect(JSON.parse(outputs.output)).toEqual({
    size: 42,
    hidden: "[secret]",
    place: "organization/whole/dev",
    folder: `${lab.folder}/whole`,
    node: process.execPath,
  });
  const refresh = await lab.pulumi("whole", "refresh", "--yes", "--non-interactive");
  expect(refresh).toMatchObject({ code: 0 });
  const destroy = await lab.pulumi("whole", "destroy", "--yes", "--non-interactive");
  expect(destroy.output).toContain("- 2 deleted");
  await until(() => lab.processes().length === 0);
});

test("what a program throws is shown once, with its stack and source line, and fails the command", async () => {
  await stackOf("throws", `\n\nthrow new Error("broken on purpose");\nexport {};`);
  const { code, output } = await lab.pulumi("throws", ...up);
  expect(code).not.toBe(0);
  expect(diagnostics(output).match(/broken on purpose/g)).toHaveLength(1);
  expect(output).toMatch(/throws\/index\.ts:3:\d+/);
  expect(output).not.toContain("non-zero exit code");
});

test("a RunError is shown without a stack", async () => {
  await stackOf(
    "refuses",
    `import { RunError } from "@pulumi/pulumi";\nthrow new RunError("two things are wrong");`,
  );
  const { code, output } = await lab.pulumi("refuses", ...up);
  expect(code).not.toBe(0);
  expect(diagnostics(output).match(/two things are wrong/g)).toHaveLength(1);
  expect(output).not.toContain("index.ts:");
});

test("an unhandled rejection fails the command and is shown once", async () => {
  await stackOf("rejects", `void Promise.reject(new Error("nobody caught me"));\nexport {};`);
  const { code, output } = await lab.pulumi("rejects", ...up);
  expect(code).not.toBe(0);
  expect(diagnostics(output).match(/nobody caught me/g)).toHaveLength(1);
});

test("a program's own exit code is reported", async () => {
  await stackOf("exits", `process.exit(3);\nexport {};`);
  const { code, output } = await lab.pulumi("exits", ...up);
  expect(code).not.toBe(0);
  expect(output).toContain("Program exited with non-zero exit code: 3");
});

test("a program killed from outside is reported with the signal", async () => {
  await stackOf("killed", `process.kill(process.pid, "SIGKILL");\nexport {};`);
  const { code, output } = await lab.pulumi("killed", ...up);
  expect(code).not.toBe(0);
  expect(output).toContain("Program was ended by SIGKILL");
});

test("runtime options reach Node and the SDK; a wrong one is named", async () => {
  const options = `    nodeargs: "--max-old-space-size=123 --title='a program'"\n`;
  await stackOf("options", `export const node = process.execArgv;`, options);
  await lab.pulumi("options", ...up);
  const outputs = await lab.pulumi("options", "stack", "output", "--json");
  expect(JSON.parse(outputs.output)).toEqual({
    node: ["--max-old-space-size=123", "--title=a program"],
  });
  await stackOf("wrong", `export {};`, `    typescript: "yes"\n`);
  const wrong = await lab.pulumi("wrong", ...up);
  expect(wrong.code).not.toBe(0);
  expect(wrong.output).toContain('runtime option typescript: must be true or false, got "yes"');
});

test("output is shown as it is written, not at the end", async () => {
  await stackOf(
    "slow",
    `import fs from "node:fs";
     console.log("first line");
     export const done = new Promise((resolve) => {
       const waiting = setInterval(() => {
         if (!fs.existsSync("seen")) return;
         clearInterval(waiting);
         console.log("last line");
         resolve(true);
       }, 50);
     });`,
  );
  const command = lab.start("slow", ...up);
  const all = finished(command);
  // The program goes on only once its first line has come out here.
  expect(await written(command, "first line")).not.toContain("last line");
  lab.write({ "slow/seen": "" });
  const { code, output } = await all;
  expect(code).toBe(0);
  expect(output).toContain("last line");
});

test("a program may fork processes and talk with them", async () => {
  await stackOf(
    "forks",
    `import { fork } from "node:child_process";
     const child = fork("child.js");
     export const heard = new Promise((resolve, reject) => {
       child.on("message", resolve);
       child.on("exit", (code) => reject(new Error(\`the child ended with \${code}\`)));
       child.send("ping");
     });`,
  );
  lab.write({
    "forks/child.js": `
      process.on("message", (message) => {
        process.send({ message, leash: process.env.KVM_FABRIC_LEASH, execArgv: process.execArgv });
        process.disconnect();
      });`,
  });
  const { code, output } = await lab.pulumi("forks", ...up);
  expect({ code, output }).toMatchObject({ code: 0 });
  const outputs = await lab.pulumi("forks", "stack", "output", "--json");
  expect(JSON.parse(outputs.output)).toEqual({ heard: { message: "ping", execArgv: [] } });
});

const endless = `
  console.log("program runs");
  setInterval(() => undefined, 1000);
  export const never = new Promise(() => undefined);`;

test("SIGINT cancels the command and the program with it", async () => {
  await stackOf("cancelled", endless);
  const command = lab.start("cancelled", ...up);
  const all = finished(command);
  await written(command, "program runs");
  command.kill("SIGINT");
  const { code } = await all;
  expect(code).not.toBe(0);
  await until(() => lab.processes().length === 0);
});

test("a program that ignores SIGINT is killed", async () => {
  await stackOf("stubborn", `process.on("SIGINT", () => console.log("no"));${endless}`);
  const command = lab.start("stubborn", ...up);
  const all = finished(command);
  await written(command, "program runs");
  command.kill("SIGINT");
  expect((await all).code).not.toBe(0);
  await until(() => lab.processes().length === 0);
});

test("nothing outlives an engine that was killed outright", async () => {
  await stackOf("orphan", endless);
  const command = lab.start("orphan", ...up);
  const all = finished(command);
  await written(command, "program runs");
  expect(lab.processes().length).toBeGreaterThanOrEqual(3);
  command.kill("SIGKILL");
  await until(() => lab.processes().length === 0);
  await all;
});

// A worker has the process's own arguments, and at its end closes the descriptors that it opened.
const afterWorker = `
  import { Worker } from "node:worker_threads";
  new Worker("process.exitCode = 0", { eval: true }).on("exit", () => console.log("program runs"));
  setInterval(() => undefined, 1000);
  export const never = new Promise(() => undefined);`;

test.each([
  ["hostless", endless],
  ["hostless-worker", afterWorker],
])(
  "the program does not outlive a language host that was killed outright (%s)",
  async (name, text) => {
    await stackOf(name, text);
    const command = lab.start(name, ...up);
    const all = finished(command);
    await written(command, "program runs");
    const host = lab.processes().find((id) => commandLine(id).includes("language-host/main.ts"));
    expect(host).toBeDefined();
    process.kill(host ?? 0, "SIGKILL");
    expect((await all).code).not.toBe(0);
    await until(() => lab.processes().length === 0);
  },
);

function commandLine(id: number): string {
  return fs.readFileSync(`/proc/${id}/cmdline`, "utf8");
}
