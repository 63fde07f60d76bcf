// A lock file between processes. Plain JavaScript for Node 18, since the bootstrap needs it before anything is
// installed; lab/lock.ts gives it to the TypeScript side.
//
// A lock names its holder: process id and the start time of that process, so that neither a killed holder nor a
// reused process id blocks anybody. It is written whole (temporary file, then a hard link that fails when the
// lock exists), so nobody ever reads half of one. A stale lock is replaced, not removed and made again: whoever
// wants to replace it first takes a second lock that is named after the very holder that died, looks again, and
// renames its own file over the stale one. Two processes that both saw the dead holder can thus never both win.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const SWEEP_AFTER_SECONDS = 60;

/** Somebody alive held the lock for longer than the caller would wait. */
class LockTimeout extends Error {
  constructor(file, pid, waitedSeconds) {
    super(`process ${pid} has held ${file} for more than ${waitedSeconds} seconds`);
    this.name = "LockTimeout";
    this.file = file;
    this.pid = pid;
  }
}

function readText(file) {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ESRCH") return undefined;
    throw error;
  }
}

/**
 * When a process began, as the kernel tells it: boot id and clock ticks since boot (proc(5), stat, field 22).
 * Undefined when there is no such process, "unknown" where the system has no /proc.
 */
function processStart(pid) {
  if (process.platform !== "linux") return isAlive(pid) ? "unknown" : undefined;
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  const boot = readText("/proc/sys/kernel/random/boot_id") || "";
  return `${boot.trim()}/${fields[19]}`;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function readHolder(file) {
  const text = readText(file);
  if (text === undefined) return undefined;
  try {
    const { pid, start, nonce } = JSON.parse(text);
    if (Number.isInteger(pid) && typeof start === "string" && /^[0-9a-f]+$/.test(nonce)) {
      return { pid, start, nonce };
    }
  } catch {
    // Not JSON: handled below.
  }
  // Nothing of ours ever looks like this (a full disk, an editor): nobody holds it.
  const nonce = crypto.createHash("sha256").update(text).digest("hex").slice(0, 32);
  return { pid: 0, start: "", nonce };
}

function holds(holder) {
  return holder.pid > 0 && processStart(holder.pid) === holder.start;
}

/** Gives a written file its name unless that is taken; by copying where the file system has no hard links. */
function publish(temporary, file) {
  try {
    fs.linkSync(temporary, file);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(error.code)) throw error;
    fs.copyFileSync(temporary, file, fs.constants.COPYFILE_EXCL);
  }
}

/** One attempt. Returns undefined when the lock is now ours, else its live holder or "again". */
function attempt(file, temporary) {
  try {
    publish(temporary, file);
    return undefined;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  const holder = readHolder(file);
  if (holder === undefined) return "again";
  if (holds(holder)) return holder;
  return replaceStale(file, holder, temporary);
}

function replaceStale(file, dead, temporary) {
  const claim = `${file}.${dead.nonce.slice(0, 16)}`;
  const ours = acquireOnce(claim);
  if (ours === undefined) return "again";
  try {
    const now = readHolder(file);
    if (now === undefined || now.nonce !== dead.nonce) return "again";
    // The hard link keeps the temporary name: rename() of two names of one file would do nothing.
    const replacement = `${temporary}.r`;
    fs.copyFileSync(temporary, replacement);
    fs.renameSync(replacement, file);
    return undefined;
  } finally {
    ours.release();
  }
}

/** Takes the lock if it is free or stale; undefined when somebody holds it. */
function acquireOnce(file) {
  const { mine, temporary } = writeClaim(file);
  try {
    return attempt(file, temporary) === undefined ? lockOf(file, mine) : undefined;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

function writeClaim(file) {
  const nonce = crypto.randomBytes(16).toString("hex");
  const mine = { pid: process.pid, start: processStart(process.pid), nonce };
  const temporary = `${file}.${nonce}.tmp`;
  fs.writeFileSync(temporary, `${JSON.stringify(mine)}\n`);
  return { mine, temporary };
}

function lockOf(file, mine) {
  return {
    release() {
      const holder = readHolder(file);
      if (holder !== undefined && holder.nonce === mine.nonce) fs.rmSync(file, { force: true });
    },
  };
}

/** Removes what attempts of killed processes left beside the lock; only the holder may call it. */
function sweep(file) {
  const folder = path.dirname(file);
  const prefix = `${path.basename(file)}.`;
  for (const name of fs.readdirSync(folder)) {
    const rest = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (!/^[0-9a-f]{16}(?:[0-9a-f]{16})?(?:\..*)?$/.test(rest)) continue;
    removeIfDead(path.join(folder, name));
  }
}

function removeIfDead(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  // A younger one may be half written by somebody alive.
  if (stat === undefined || Date.now() - stat.mtimeMs < SWEEP_AFTER_SECONDS * 1000) return;
  const holder = readHolder(file);
  if (holder !== undefined && !holds(holder)) fs.rmSync(file, { force: true });
}

async function acquire(file, options) {
  const { timeoutSeconds, pollMilliseconds, onWait } = options;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const startedAt = Date.now();
  let told = false;
  const { mine, temporary } = writeClaim(file);
  try {
    for (;;) {
      const result = attempt(file, temporary);
      if (result === undefined) return lockOf(file, mine);
      if (result !== "again" && !told) {
        told = true;
        onWait(result.pid);
      }
      if (Date.now() - startedAt > timeoutSeconds * 1000) {
        const pid = result === "again" ? 0 : result.pid;
        throw new LockTimeout(file, pid, timeoutSeconds);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
    }
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/** Runs `body` while this process alone holds the lock `file`. */
async function withLock(file, body, options = {}) {
  const { timeoutSeconds = 1800, pollMilliseconds = 200, onWait = () => undefined } = options;
  const lock = await acquire(file, { timeoutSeconds, pollMilliseconds, onWait });
  try {
    sweep(file);
    return await body();
  } finally {
    lock.release();
  }
}

module.exports = { LockTimeout, processStart, withLock };
