import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SNAPSHOT_SCRIPT } from "../../../../components/consul/snapshot-script";
import { shellcheck } from "../../../support/shellcheck";

let folder: string;
let snapshots: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "snapshot-script-"));
  snapshots = join(folder, "snapshots");
  mkdirSync(snapshots);
  consul('case "$2" in save) echo state >"$3" ;; inspect) grep -q state "$3" ;; esac');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Puts a command called `consul` first on the path. */
function consul(body: string): void {
  writeFileSync(join(folder, "consul"), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, "consul"), 0o755);
}

function run(retained = "2") {
  return spawnSync("sh", ["-c", SNAPSHOT_SCRIPT], {
    encoding: "utf8",
    env: { PATH: `${folder}:${process.env.PATH ?? ""}`, FOLDER: snapshots, RETAINED: retained },
  });
}

const old = ["consul-20250101T000000Z.snap", "consul-20250102T000000Z.snap"];
const keep = () => {
  for (const name of old) writeFileSync(join(snapshots, name), "state");
};

test("saves the first snapshot", () => {
  expect(run().status).toBe(0);
  expect(readdirSync(snapshots)).toEqual([expect.stringMatching(/^consul-\d{8}T\d{6}Z\.snap$/)]);
});

test("keeps the newest ones and leaves other files alone", () => {
  keep();
  writeFileSync(join(snapshots, "notes.txt"), "");
  expect(run().stdout).toContain(`deleted ${old[0]!}`);
  const left = readdirSync(snapshots).sort();
  expect(left).toHaveLength(3);
  expect(left[0]).toBe(old[1]);
  expect(left[2]).toBe("notes.txt");
});

test.each([
  ["saving fails", "exit 1"],
  ["the snapshot does not read back", 'case "$2" in save) echo x >"$3" ;; inspect) exit 1 ;; esac'],
])("deletes nothing where %s", (_, body) => {
  keep();
  consul(body);
  expect(run("1").status).not.toBe(0);
  expect(
    readdirSync(snapshots).filter((name) => name.endsWith(".snap") && !name.startsWith(".")),
  ).toEqual(old);
});

test("clears away what an interrupted run left", () => {
  writeFileSync(join(snapshots, ".partial-consul-x.snap"), "half");
  run();
  expect(readdirSync(snapshots).filter((name) => name.startsWith("."))).toEqual([]);
});

test("is plain POSIX shell", async () => {
  const script = join(folder, "script.sh");
  writeFileSync(script, SNAPSHOT_SCRIPT);
  expect(await shellcheck(SNAPSHOT_SCRIPT, ["SC2153"])).toBe("");
  expect(spawnSync("sh", ["-n", script]).status).toBe(0);
});
