import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { LabError } from "../lab-error";
import { madeOnce } from "../made-once";

const run = promisify(execFile);

/** Seconds for the whole of apt's work, of which most is the network's. */
const APT_TIMEOUT_SECONDS = 600;

/**
 * A folder with the files of Debian packages and of all that they depend on, from the machine's own package
 * sources, kept in the cache. Nothing is installed: apt works on lists and a (empty) list of installed packages of its
 * own, the archives are only unpacked, and none of their scripts runs. Answers with the folder, which nobody changes.
 * `keep` names the only folders of its top that are kept; defaults to all.
 */
export async function debianTree(
  cache: string,
  packages: readonly string[],
  keep?: readonly string[],
): Promise<string> {
  const names = [...packages].sort();
  const folder = path.join(cache, "debian-trees", treeKey(names));
  const what = `the Debian packages ${names.join(", ")}`;
  await madeOnce(folder, what, (partial) => make(partial, names, keep));
  return path.join(folder, "root");
}

/** Folders with the libraries of a tree's programs, for `LD_LIBRARY_PATH`. */
export function librariesOf(root: string): string[] {
  return ["lib", "usr/lib"]
    .map((part) => path.join(root, part))
    .filter((folder) => fs.existsSync(folder))
    .flatMap((folder) => {
      const names = fs.readdirSync(folder).filter((name) => name.endsWith("-linux-gnu"));
      return names.map((name) => path.join(folder, name));
    });
}

/** Tells one set of packages of one release and architecture from another. */
export function treeKey(names: readonly string[]): string {
  const release = fs.existsSync("/etc/os-release")
    ? fs.readFileSync("/etc/os-release", "utf8")
    : "";
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? "";
  const parts = JSON.stringify([suite, process.arch, names]);
  return createHash("sha256").update(parts).digest("hex").slice(0, 16);
}

async function make(
  partial: string,
  names: readonly string[],
  keep: readonly string[] | undefined,
): Promise<void> {
  try {
    await unpack(partial, await download(partial, names), keep);
  } catch (error) {
    throw new LabError(`the Debian packages ${names.join(", ")} cannot be had`, {
      hint: `${lastLine(error)}; they come from this machine's package sources`,
      cause: error,
    });
  }
}

/** Downloads the packages and what they need; answers with the archives. */
async function download(partial: string, names: readonly string[]): Promise<string[]> {
  const apt = path.join(partial, "apt");
  const archives = path.join(apt, "cache/archives");
  for (const part of ["state/lists/partial", "cache/archives/partial"]) {
    fs.mkdirSync(path.join(apt, part), { recursive: true });
  }
  const status = path.join(apt, "state/status");
  fs.writeFileSync(status, "");
  const own = [
    ...["-o", `Dir::State=${apt}/state`, "-o", `Dir::State::status=${status}`],
    ...["-o", `Dir::Cache=${apt}/cache`, "-o", "APT::Install-Recommends=false"],
    // Its own user may not read folders of root.
    ...["-o", "APT::Sandbox::User=root", "-q"],
  ];
  const options = { timeout: APT_TIMEOUT_SECONDS * 1000, maxBuffer: 16 * 1024 * 1024 };
  await run("apt-get", [...own, "update"], options);
  await run("apt-get", [...own, "--yes", "--download-only", "install", ...names], options);
  const files = fs.readdirSync(archives).filter((file) => file.endsWith(".deb"));
  return files.sort().map((file) => path.join(archives, file));
}

async function unpack(
  partial: string,
  archives: readonly string[],
  keep: readonly string[] | undefined,
): Promise<void> {
  const root = path.join(partial, "root.partial");
  fs.mkdirSync(root);
  for (const archive of archives) await run("dpkg-deb", ["--extract", archive, root]);
  for (const name of fs.readdirSync(root)) {
    if (keep?.includes(name) === false) fs.rmSync(path.join(root, name), { recursive: true });
  }
  const list = archives.map((archive) => path.basename(archive, ".deb"));
  fs.writeFileSync(path.join(partial, "packages.txt"), `${list.join("\n")}\n`);
  fs.rmSync(path.join(partial, "apt"), { recursive: true });
  fs.renameSync(root, path.join(partial, "root"));
}

function lastLine(error: unknown): string {
  const told = typeof error === "object" && error !== null && "stderr" in error;
  const text = told ? String(error.stderr) : String(error);
  return text.trim().split("\n").at(-1) ?? "";
}
