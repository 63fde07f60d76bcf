import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { LabError } from "../../../lab-error";
import { madeOnce } from "../../../made-once";

const run = promisify(execFile);

/** What is installed beside Debian's smallest system. */
const PACKAGES = ["ca-certificates"];

/** Says why no root file system of Debian can be made here; undefined where it can. */
export function noRootFilesystem(): string | undefined {
  if (process.getuid?.() !== 0) return "needs root, to make namespaces and mounts";
  const missing = ["apt-get", "dpkg-deb", "unshare", "chroot"].filter((name) => !onPath(name));
  return missing.length === 0 ? undefined : `needs a Debian system with ${missing.join(", ")}`;
}

function onPath(program: string): boolean {
  const folders = (process.env.PATH ?? "").split(":");
  return folders.some((folder) => fs.existsSync(path.join(folder, program)));
}

/**
 * A root file system of the same Debian as this machine's, made by debootstrap from the machine's own package sources
 * and kept in the cache. debootstrap itself comes from them as well and is not installed. It runs in namespaces of its
 * own. Answers with the folder, which nobody changes: machines lay their own over it.
 */
export async function rootFilesystem(cache: string): Promise<string> {
  const reason = noRootFilesystem();
  if (reason !== undefined) throw new LabError(`no root file system of Debian: ${reason}`);
  const { mirror, suite } = await packageSource();
  const key = createHash("sha256")
    .update(JSON.stringify([suite, PACKAGES]))
    .digest("hex")
    .slice(0, 16);
  const folder = path.join(cache, "debian", key);
  const what = "a root file system of Debian";
  await madeOnce(folder, what, (partial) => make(partial, mirror, suite));
  return path.join(folder, "root");
}

async function make(partial: string, mirror: string, suite: string): Promise<void> {
  try {
    await bootstrap(partial, mirror, suite);
  } catch (error) {
    throw new LabError("debootstrap could not make a root file system", {
      hint: `see ${path.join(partial, "root/debootstrap/debootstrap.log")}; it needs the machine's package sources`,
      cause: error,
    });
  }
}

async function bootstrap(folder: string, mirror: string, suite: string): Promise<void> {
  const options = { cwd: folder, timeout: 600_000, maxBuffer: 16 * 1024 * 1024 };
  await run("apt-get", ["download", "--quiet", "debootstrap"], options);
  const [archive = ""] = fs.readdirSync(folder).filter((file) => file.endsWith(".deb"));
  await run("dpkg-deb", ["--extract", archive, "tool"], options);
  const tool = path.join(folder, "tool/usr/sbin/debootstrap");
  const isolated = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const made = ["--variant=minbase", `--include=${PACKAGES.join(",")}`, suite, "root", mirror];
  await run("unshare", [...isolated, "sh", tool, ...made], {
    ...options,
    env: { ...process.env, DEBOOTSTRAP_DIR: path.join(folder, "tool/usr/share/debootstrap") },
  });
}

/** Where this machine's own packages come from. */
async function packageSource(): Promise<{ mirror: string; suite: string }> {
  const format = "$(REPO_URI) $(CODENAME) $(COMPONENT)";
  const release = fs.readFileSync("/etc/os-release", "utf8");
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  const { stdout } = await run("apt-get", [
    ...["indextargets", "--format", format, "Created-By: Packages"],
  ]);
  const sources = stdout.split("\n").map((line) => line.split(" "));
  const found = sources.find(([, name, part]) => name === suite && part === "main");
  if (suite === undefined || found?.[0] === undefined) {
    throw new LabError("this machine has no package source of Debian", { hint: "apt-get update" });
  }
  return { mirror: found[0], suite };
}
