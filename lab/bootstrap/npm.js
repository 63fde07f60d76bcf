"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { Failure } = require("./failure");

const LOG_LINES = 20;

/**
 * `npm ci` in a folder: exactly what its lock file says, no scripts of packages. Registry, proxy and credentials
 * are the user's own configuration. Its words are shown only when it fails. `onStart` gets its process id.
 */
async function npmCi(folder, env, onStart = () => undefined) {
  const { command, args } = findNpm(env);
  const flags = [
    "ci",
    // Settings of `npm run` reach here by the environment; these must hold whatever they say.
    `--prefix=${folder}`,
    "--include=dev",
    "--include=optional",
    "--ignore-scripts",
    "--dry-run=false",
    "--engine-strict=false",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--no-progress",
    "--loglevel=error",
  ];
  const { exitCode, log } = await run(command, [...args, ...flags], { cwd: folder, env, onStart });
  if (exitCode === 0) return;
  // npm says what went wrong first, then how npm is used.
  const lines = log.trimEnd().split("\n").slice(0, LOG_LINES);
  const full = /ENOSPC|no space left on device/i.test(log);
  const hint = full
    ? `the disk of ${folder} is full; folders of the cache can be moved with KVM_FABRIC_CACHE`
    : "is the registry of your npm configuration reachable? npm config get registry";
  throw new Failure(`npm ci failed in ${folder}:\n${lines.join("\n")}`, hint);
}

/** The npm that started this, else the one on the PATH. It runs on the Node.js it came with. */
function findNpm(env) {
  const started = env.npm_execpath;
  if (started && path.basename(started) === "npm-cli.js" && fs.existsSync(started)) {
    return { command: process.execPath, args: [started] };
  }
  return { command: "npm", args: [] };
}

function run(command, args, { cwd, env, onStart }) {
  return new Promise((resolve, reject) => {
    const stdio = ["ignore", "pipe", "pipe"];
    // Windows has npm as a command file, which only a shell starts.
    const shell = process.platform === "win32" && command === "npm";
    const child = spawn(command, args, { cwd, env, stdio, shell });
    if (child.pid !== undefined) onStart(child.pid);
    const stop = endWithThisProcess(child);
    let log = "";
    const keep = (chunk) => (log += chunk);
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => {
      stop();
      reject(error.code === "ENOENT" ? missingNpm() : error);
    });
    child.on("close", (code) => {
      stop();
      resolve({ exitCode: code === null ? 1 : code, log });
    });
  });
}

function endWithThisProcess(child) {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const stop = () => signals.forEach((signal) => process.off(signal, forward));
  const forward = (signal) => {
    stop();
    child.kill(signal);
    process.kill(process.pid, signal);
  };
  signals.forEach((signal) => process.on(signal, forward));
  return stop;
}

function missingNpm() {
  return new Failure(
    "npm is not on the PATH",
    "install Node.js with npm: https://nodejs.org/en/download",
  );
}

module.exports = { npmCi };
