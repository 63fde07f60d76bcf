import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { exampleFolder } from "../../support/examples";
import { shellcheck } from "../../support/shellcheck";

const folder = exampleFolder("worker-image");
const text = (file: string) => fs.readFileSync(path.join(folder, file), "utf8");
const scripts = ["worker", "build-assets.sh", "guest/init", "guest/lease"];

test.each(scripts)("%s is plain POSIX shell, and a program", async (script) => {
  const file = path.join(folder, script);
  expect(await shellcheck(fs.readFileSync(file, "utf8"))).toBe("");
  expect(spawnSync("sh", ["-n", file]).status).toBe(0);
  expect(fs.statSync(file).mode & 0o111).toBe(0o111);
});

test("the image is of a base by digest and packages of one day, and every file that it takes is there", () => {
  const lines = text("Dockerfile").split("\n");
  const base = lines.find((line) => line.startsWith("ARG BASE="));
  expect(base).toMatch(/^ARG BASE=docker\.io\/library\/debian@sha256:[\da-f]{64}$/);
  const stages = lines.flatMap(
    (line) => /^FROM (\S+)(?: AS (\S+))?$/.exec(line)?.slice(1, 3) ?? [],
  );
  expect(stages).toEqual([
    ...["${BASE}", "debian", "debian", "build-assets"],
    ...["scratch", "assets", "debian", "worker"],
  ]);
  expect(lines.filter((line) => /^ARG SNAPSHOT=\d{8}T\d{6}Z$/.test(line))).toHaveLength(1);
  const copied = lines.flatMap((line) => /^COPY (?:--chmod=\d+ )?([\w.-]+) /.exec(line)?.[1] ?? []);
  expect(copied).toEqual(["build-assets.sh", "guest", "packages", "worker"]);
  for (const file of copied) expect(fs.existsSync(path.join(folder, file))).toBe(true);
});

test("a base that is not named by its digest ends the build", () => {
  const [check = ""] = /case "\$\{BASE\}" in[^]*?esac/.exec(text("Dockerfile")) ?? [];
  const statusOf = (base: string) =>
    spawnSync("sh", ["-c", check.replaceAll("\\\n", "")], { env: { BASE: base } }).status;
  expect(statusOf(`debian@sha256:${"0".repeat(64)}`)).toBe(0);
  for (const base of ["debian", "debian:bookworm-slim", `debian@sha256:${"0".repeat(63)}`]) {
    expect(statusOf(base)).toBe(1);
  }
});

test("the README names each of the launcher's variables with its default", () => {
  const defaults = [...text("worker").matchAll(/\$\{(WORKER_\w+):-([^}]+)\}/g)];
  const rows = [...text("README.md").matchAll(/^\| `(WORKER_\w+)`\s*\| `?([^`|]+?)`?\s*\|/gm)];
  const pairs = (found: RegExpMatchArray[]) => found.map(([, name, value]) => [name, value]).sort();
  expect(defaults).toHaveLength(5);
  expect(pairs(rows)).toEqual(pairs(defaults));
});

test("the launcher says what its image lacks, and what it is called with", () => {
  const empty = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-tools-"));
  try {
    const run = (...words: string[]) =>
      spawnSync("/bin/sh", [path.join(folder, "worker"), ...words], {
        encoding: "utf8",
        env: { PATH: empty, CONSUL_SERVICE_REGISTRATION: "{}", KVM_FABRIC_RUN: empty },
      });
    expect(run()).toMatchObject({ status: 64, stderr: "usage: worker QEMU [ARGUMENT...]\n" });
    expect(run("qemu")).toMatchObject({
      status: 69,
      stderr: "worker: the image lacks: busybox head mkfifo mv rm tail tr wc curl\n",
    });
  } finally {
    fs.rmSync(empty, { recursive: true });
  }
});
