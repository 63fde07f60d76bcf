"use strict";

const { execFile } = require("node:child_process");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { Failure } = require("./failure");
const { cacheFolder, hashFiles, repository } = require("./folders");
const { withLock } = require("./lock");
const { npmCi } = require("./npm");
const { withProgress } = require("./progress");

const NEEDED_MAJOR = 22;
const PROBE_TIMEOUT_SECONDS = 20;
const UNFINISHED = ".unfinished-";

/**
 * Absolute path of a Node.js that is new enough: KVM_FABRIC_NODE if set, the one that runs this, one on the PATH, one
 * brought earlier; else one is brought from npm, as lab/bootstrap/node pins it, into the cache.
 */
async function findNode(env) {
  if (env.KVM_FABRIC_NODE) return chosenNode(env.KVM_FABRIC_NODE);
  if (majorOf(process.versions.node) >= NEEDED_MAJOR) return process.execPath;
  for (const folder of (env.PATH || "").split(path.delimiter)) {
    const file = path.join(folder, process.platform === "win32" ? "node.exe" : "node");
    if (path.isAbsolute(folder) && fs.existsSync(file) && (await isNewEnough(file))) return file;
  }
  return bringNode(env);
}

async function chosenNode(file) {
  if (await isNewEnough(file)) return path.resolve(file);
  throw new Failure(
    `KVM_FABRIC_NODE=${file} is not Node.js ${NEEDED_MAJOR} or newer`,
    "set it to the path of such a node, or unset it: one is then found or brought",
  );
}

function majorOf(version) {
  return Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);
}

/** Asks a node for its version; one that does not run is none. */
function isNewEnough(file) {
  return new Promise((resolve) => {
    const options = { timeout: PROBE_TIMEOUT_SECONDS * 1000, killSignal: "SIGKILL" };
    execFile(file, ["--version"], options, (error, stdout) => {
      resolve(error === null && majorOf(stdout) >= NEEDED_MAJOR);
    });
  });
}

async function bringNode(env) {
  const { platform, arch } = process;
  if (platform !== "linux" || (arch !== "x64" && arch !== "arm64")) throw nothingToBring();
  const source = path.join(__dirname, "node");
  const files = ["package.json", "package-lock.json"].map((name) => path.join(source, name));
  const parent = path.join(cacheFolder(env), "node");
  const entry = path.join(parent, hashFiles(files));
  const node = path.join(entry, "node_modules", `node-linux-${arch}`, "bin", "node");
  if (await isNewEnough(node)) return node;

  const onWait = (pid) => process.stderr.write(`waiting for process ${pid}: it brings Node.js\n`);
  await withLock(
    `${entry}.lock`,
    async () => {
      // Somebody else may have brought it while this waited.
      if (await isNewEnough(node)) return;
      sweep(parent);
      const work = fs.mkdtempSync(path.join(parent, UNFINISHED));
      const npmrc = path.join(repository, ".npmrc");
      for (const file of fs.existsSync(npmrc) ? [...files, npmrc] : files) {
        fs.copyFileSync(file, path.join(work, path.basename(file)));
      }
      const what = `bringing Node.js ${NEEDED_MAJOR} (this is ${process.versions.node})`;
      await withProgress(what, () => npmCi(work, env));
      await requireRunning(path.join(work, path.relative(entry, node)));
      replaceFolder(work, entry);
    },
    { onWait },
  );
  return node;
}

async function requireRunning(node) {
  if (await isNewEnough(node)) return;
  throw new Failure(
    `npm brought ${path.basename(path.dirname(path.dirname(node)))}, but it does not run on this system`,
    `install Node.js ${NEEDED_MAJOR} or newer yourself, or set KVM_FABRIC_NODE to one`,
  );
}

/** Puts a finished folder in place; what is broken there goes aside first, since only renames are at once. */
function replaceFolder(work, entry) {
  const aside = path.join(
    path.dirname(entry),
    `${UNFINISHED}${crypto.randomBytes(6).toString("hex")}`,
  );
  if (fs.existsSync(entry)) fs.renameSync(entry, aside);
  fs.renameSync(work, entry);
  fs.rmSync(aside, { recursive: true, force: true });
}

/** What killed runs left; the lock is held, so nobody works there. */
function sweep(parent) {
  for (const name of fs.readdirSync(parent)) {
    if (!name.startsWith(UNFINISHED)) continue;
    fs.rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

function nothingToBring() {
  return new Failure(
    `Node.js ${NEEDED_MAJOR} or newer is needed, this is ${process.versions.node}, ` +
      `and none can be brought to ${process.platform} ${process.arch}`,
    `install it, or set KVM_FABRIC_NODE to one\n` +
      "the lab itself runs on Linux x86_64 and arm64 only; elsewhere use a cluster you have:\n" +
      "npm run up -- --context NAME",
  );
}

module.exports = { findNode };
