// Loaded first in every program the language host starts: ends it at once when the host is gone, however
// the host died. File descriptor 3 is a pipe whose other end only the host holds.
const { Socket } = require("node:net");

const leash = new Socket({ fd: 3, readable: true, writable: false });
leash.on("close", () => process.kill(process.pid, "SIGKILL"));
leash.on("error", () => {});
leash.resume();
leash.unref();
