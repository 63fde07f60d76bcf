/**
 * Plays kube-proxy and the cluster's DNS on a real node, for TCP and IPv4: in the node's network, connections to a
 * Service's address go on, from the machine's network, to one of the places that are ready behind it; names of Services are
 * answered at the cluster's DNS address. Callers' own addresses are lost on the way, and no policy is applied.
 * Arguments: id of the node's first process, the lab's state folder, address of the DNS.
 */
import { spawn } from "node:child_process";
import * as dgram from "node:dgram";
import * as net from "node:net";
import * as path from "node:path";
import { labClient } from "../../cluster/cluster";
import { type KubeObject, numberAt, textAt } from "../../kube/objects";
import { joinSockets } from "../join-sockets";
import { dnsAnswer } from "./dns";
import { type Place, serviceTable, type ServiceTable } from "./services";

const DNS_PORT = 53;
/** The Service of the API server, which the API gate plays. */
const OWN = "default/kubernetes";

const [init = "", state = "", dnsAddress = ""] = process.argv.slice(2);
const services = new Map<string, KubeObject>();
const slices = new Map<string, KubeObject>();
const listeners = new Map<string, net.Server | "asked">();
let table: ServiceTable = { routes: new Map(), names: new Map() };

const opener = spawn(
  "nsenter",
  [`--net=/proc/${init}/ns/net`, process.execPath, path.join(__dirname, "sockets.js")],
  { stdio: ["ignore", "inherit", "inherit", "ipc"] },
);
opener.on("exit", () => process.exit(1));
opener.on("message", (message, socket: unknown) => {
  const key = `${textAt(message, "address")} ${numberAt(message, "port")}`;
  if (socket instanceof dgram.Socket) {
    socket.on("message", (query, from) => {
      const answer = dnsAnswer(query, table.names);
      if (answer) socket.send(answer, from.port, from.address);
    });
    process.stdout.write(`${DNS_PORT}\n`);
  } else if (socket instanceof net.Server) {
    socket.on("connection", (client) => {
      forward(client, key);
    });
    listeners.set(key, socket);
    listen();
  } else {
    process.stderr.write(`${key}: ${textAt(message, "error") ?? ""}\n`);
    listeners.delete(key);
  }
});

function forward(client: net.Socket, key: string): void {
  const places: readonly Place[] = table.routes.get(key) ?? [];
  const place = places[Math.floor(Math.random() * places.length)];
  if (place === undefined) {
    client.destroy();
    return;
  }
  const server = net.connect({ host: place.address, port: place.port });
  joinSockets(client, server);
}

/** Listens at the addresses behind which something is ready, and at no other: whoever calls those is refused. */
function listen(): void {
  for (const key of table.routes.keys()) {
    if (listeners.has(key)) continue;
    const [address = "", port = ""] = key.split(" ");
    listeners.set(key, "asked");
    opener.send({ kind: "tcp", address, port: Number(port) });
  }
  for (const [key, server] of listeners) {
    if (table.routes.has(key) || server === "asked") continue;
    server.close();
    listeners.delete(key);
  }
}

async function follow(path: string, objects: Map<string, KubeObject>): Promise<void> {
  const { signal } = new AbortController();
  await client.watch(path, { signal }, ({ type, object }) => {
    const key = `${object.metadata.namespace ?? ""}/${object.metadata.name ?? ""}`;
    if (type === "DELETED") objects.delete(key);
    else if (key !== OWN) objects.set(key, object);
    table = serviceTable([...services.values()], [...slices.values()]);
    listen();
  });
}

const client = labClient(state);
opener.send({ kind: "udp", address: dnsAddress, port: DNS_PORT });
// Where the API server says that it will not tell, this ends, and with it its record as a daemon that runs.
void Promise.all([
  follow("/api/v1/services", services),
  follow("/apis/discovery.k8s.io/v1/endpointslices", slices),
]).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
