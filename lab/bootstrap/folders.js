"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

/** The repository this file belongs to. */
const repository = path.resolve(__dirname, "..", "..");

/** The cache folder; the same rule as labPaths() of lab/paths.ts, which cannot be loaded yet. */
function cacheFolder(env) {
  if (env.KVM_FABRIC_CACHE) return path.resolve(env.KVM_FABRIC_CACHE);
  const home = env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  return path.resolve(home, "kvm-fabric");
}

/** A short hash over the platform and the content of files. */
function hashFiles(files) {
  const hash = crypto.createHash("sha256").update(`${process.platform}-${process.arch}`);
  for (const file of files) hash.update(`\0${path.basename(file)}\0`).update(fs.readFileSync(file));
  return hash.digest("hex").slice(0, 24);
}

module.exports = { cacheFolder, hashFiles, repository };
