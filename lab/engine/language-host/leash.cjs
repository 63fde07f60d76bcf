// Loaded first in every program the language host starts: ends it at once when the host is gone, however
// the host died. File descriptor 3 is a pipe whose other end only the host holds.
const { Socket } = require("node:net");
const { isMainThread } = require("node:worker_threads");

const VARIABLE = "KVM_FABRIC_LEASH";

// Only in the process that the host itself started: in its workers the descriptor is taken (a worker that
// ends would even close it), in processes that it forks it is something else, such as their channel to it.
const host = Number(process.env[VARIABLE]);
if (isMainThread && host > 0) {
  delete process.env[VARIABLE];
  process.execArgv = process.execArgv.filter((argument) => argument !== `--require=${__filename}`);
  // Here and not by a flag of its own, which the program's own processes would inherit.
  require("./promise-notes.cjs");
  if (host === process.ppid) holdOn();
  else if (!isRunning(host)) process.kill(process.pid, "SIGKILL");
}

function holdOn() {
  const leash = new Socket({ fd: 3, readable: true, writable: false });
  leash.on("close", () => process.kill(process.pid, "SIGKILL"));
  leash.on("error", () => {});
  leash.resume();
  leash.unref();
}

function isRunning(id) {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}
