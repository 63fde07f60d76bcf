"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { Failure } = require("./failure");
const { cacheFolder, hashFiles, repository } = require("./folders");
const { processStart, withLock } = require("./lock");
const { npmCi } = require("./npm");
const { withProgress } = require("./progress");

const modules = path.join(repository, "node_modules");
const stampFile = path.join(modules, ".kvm-fabric-installed");

/**
 * Installs the locked dependencies when they are not those of the lock file. The stamp goes first and comes last,
 * so an installation that was interrupted anywhere is done again.
 */
async function ensureInstalled(env) {
  if (isInstalled()) return;
  const name = crypto.createHash("sha256").update(repository).digest("hex").slice(0, 16);
  const lock = path.join(cacheFolder(env), "locks", `install-${name}.lock`);
  const onWait = (pid) =>
    process.stderr.write(`waiting for process ${pid}: it installs the dependencies\n`);
  await withLock(
    lock,
    async () => {
      // Somebody else may have installed them while this waited.
      if (isInstalled()) return;
      fs.rmSync(stampFile, { force: true });
      const record = `${lock}-npm`;
      await endOrphan(record);
      const note = (pid) =>
        fs.writeFileSync(record, JSON.stringify({ pid, start: processStart(pid) }));
      const install = () => npmCi(repository, env, note);
      await withProgress("installing the locked dependencies", install);
      fs.rmSync(record, { force: true });
      requireInstalled();
      writeStamp();
    },
    { onWait },
  );
}

/** A bootstrap that was killed outright leaves its npm at work in the very folder that the next one works in. */
async function endOrphan(record) {
  if (!fs.existsSync(record)) return;
  const { pid, start } = readRecord(record);
  const isAlive = () => start !== undefined && processStart(pid) === start;
  if (isAlive()) process.kill(pid, "SIGKILL");
  while (isAlive()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function readRecord(record) {
  try {
    return JSON.parse(fs.readFileSync(record, "utf8"));
  } catch {
    return {};
  }
}

/** What an installation is made from: the lock file and every package.json it covers. */
function expectedStamp() {
  const manifest = path.join(repository, "package.json");
  const { workspaces = [] } = JSON.parse(fs.readFileSync(manifest, "utf8"));
  const files = [
    path.join(repository, "package-lock.json"),
    manifest,
    ...workspaces.map((folder) => path.join(repository, folder, "package.json")),
  ];
  return hashFiles(files);
}

function isInstalled() {
  try {
    return fs.readFileSync(stampFile, "utf8").trim() === expectedStamp();
  } catch (error) {
    if (error.code === "ENOENT" && error.path === stampFile) return false;
    throw error;
  }
}

function requireInstalled() {
  if (fs.existsSync(path.join(modules, "@swc", "core", "package.json"))) return;
  throw new Failure(
    `npm ci ended well, but ${modules} lacks the development dependencies`,
    "does your npm configuration omit them? npm config get omit",
  );
}

function writeStamp() {
  const temporary = `${stampFile}.${process.pid}`;
  fs.writeFileSync(temporary, `${expectedStamp()}\n`);
  fs.renameSync(temporary, stampFile);
}

module.exports = { ensureInstalled };
