/**
 * Lets a real node, and the pods on it, reach the API server at the address of its service, which listens on
 * loopback alone: connections that arrive there in the node's network go on from the machine's.
 * Arguments: id of the node's first process, service address, port of the API server on 127.0.0.1.
 */
import { spawn } from "node:child_process";
import * as net from "node:net";
import * as path from "node:path";
import { joinSockets } from "../join-sockets";

/** The port of the service `kubernetes`. */
const PORT = 443;

const [init = "", address = "", apiPort = ""] = process.argv.slice(2);

function forward(client: net.Socket): void {
  const server = net.connect({ host: "127.0.0.1", port: Number(apiPort) });
  joinSockets(client, server);
}

// A socket belongs to the network in which it was made, whoever holds it: a child enters the node's, opens it
// there, hands it over and ends.
const listener = spawn(
  "nsenter",
  [
    ...[`--net=/proc/${init}/ns/net`, process.execPath],
    ...[path.join(__dirname, "listen.js"), address, String(PORT)],
  ],
  { stdio: ["ignore", "inherit", "inherit", "ipc"] },
);
listener.on("message", (_message, server) => {
  if (!(server instanceof net.Server)) return;
  server.on("connection", forward);
  process.stdout.write(`${PORT}\n`);
});
listener.on("exit", (code) => {
  if (code !== 0) process.exit(1);
});
