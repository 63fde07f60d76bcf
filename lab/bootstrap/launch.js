"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { Failure, describe } = require("./failure");
const { findNode } = require("./find-node");
const { repository } = require("./folders");
const { ensureInstalled } = require("./install");
const { LockTimeout } = require("./lock");

/** Gets ready whatever is missing, runs the command, and ends as it ended. */
async function launch(argv) {
  try {
    const [command, ...args] = argv;
    if (command === undefined) throw new Failure("which command? npm run shows them all");
    const node = await findNode(process.env);
    await ensureInstalled(process.env);
    const env = childEnvironment(node, process.env);
    await runToTheEnd(childCommand(node, command, args), env);
  } catch (error) {
    process.stderr.write(describe(understand(error)));
    process.exitCode = 1;
  }
}

function understand(error) {
  if (error instanceof LockTimeout) {
    return new Failure(error.message, `is it still at work? if not, end it: kill ${error.pid}`);
  }
  if (error.code === "ENOSPC" || error.code === "EACCES" || error.code === "EROFS") {
    return new Failure(error.message, "the cache can be moved with KVM_FABRIC_CACHE=/other/folder");
  }
  return error;
}

/** `exec TOOL` is one of the locked tools, `script FILE` TypeScript of the repository, and all else a command of the lab. */
function childCommand(node, command, args) {
  if (command === "exec") return toolCommand(args);
  if (command === "script") return fileCommand(node, args);
  return fileCommand(node, [path.join("lab", "main.ts"), command, ...args]);
}

function fileCommand(node, args) {
  const typescript = path.join(__dirname, "typescript.js");
  return { file: node, args: ["--require", typescript, ...args], shell: false };
}

function toolCommand([tool, ...args]) {
  if (tool === undefined) throw new Failure("exec which tool?");
  const windows = process.platform === "win32";
  const file = path.join(repository, "node_modules", ".bin", windows ? `${tool}.cmd` : tool);
  if (path.basename(tool) === tool && fs.existsSync(file)) return { file, args, shell: windows };
  throw new Failure(`there is no tool named ${tool} in node_modules/.bin`);
}

/** The chosen Node.js first on the PATH, where another would be found, and then the locked tools. */
function childEnvironment(node, env) {
  const folders = (env.PATH || "").split(path.delimiter);
  const first = folders.find((folder) => fs.existsSync(path.join(folder, path.basename(node))));
  const isFirst = first !== undefined && sameFile(path.join(first, path.basename(node)), node);
  const added = [
    ...(isFirst ? [] : [path.dirname(node)]),
    path.join(repository, "node_modules", ".bin"),
  ];
  const rest = folders.filter((folder) => !added.includes(folder));
  return { ...env, PATH: [...added, ...rest].join(path.delimiter) };
}

function sameFile(one, other) {
  return fs.realpathSync(one) === fs.realpathSync(other);
}

/** Runs a command on this terminal; signals reach it, its exit code or signal becomes this process's. */
function runToTheEnd({ file, args, shell }, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: repository, env, stdio: "inherit", shell });
    const stop = forwardSignals(child);
    child.on("error", (error) => {
      stop();
      reject(error);
    });
    child.on("close", (code, signal) => {
      stop();
      if (signal) process.kill(process.pid, signal);
      else process.exitCode = code;
      resolve();
    });
  });
}

function forwardSignals(child) {
  const forward = (signal) => {
    // Ctrl-C on a terminal reaches the child as well; a second one would mean "stop at once" to it.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  signals.forEach((signal) => process.on(signal, forward));
  return () => signals.forEach((signal) => process.off(signal, forward));
}

module.exports = { launch };
