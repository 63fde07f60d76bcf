import { readFile } from "node:fs/promises";
import { endianness } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { isProperties } from "./wire";

/** Both ends of a connection over IPv4, as node:net's Socket has them. */
export interface Ends {
  localAddress?: string | undefined;
  localPort?: number | undefined;
  remoteAddress?: string | undefined;
  remotePort?: number | undefined;
}

/** Who is at the far end of a connection, as far as the system tells. */
export type PeerUser = "own" | "other" | "unknown";

// One connection that is being made or dropped elsewhere may push a row out of the table as it is read.
const LOOKS = 3;
const PAUSE_MS = 5;

/**
 * Whether a process of this process's own user holds the far end of an accepted connection within this machine.
 * Loopback alone keeps other machines out, not the other users of this one. `unknown` where the system has no
 * table of connections (it is Linux's /proc/net/tcp) or one that does not even show the socket that accepted.
 * Rejects when the table is there and cannot be read just now.
 */
export async function peerUser(connection: Ends): Promise<PeerUser> {
  const own = process.geteuid?.();
  if (own === undefined) return "unknown";
  let isTableUsable = false;
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await sleep(PAUSE_MS);
    const table = await connectionTable();
    if (table === undefined) return "unknown";
    const owner = ownerOfPeer(table, connection);
    if (owner !== undefined) return owner === own ? "own" : "other";
    isTableUsable ||= hasListener(table, connection);
  }
  return isTableUsable ? "other" : "unknown";
}

const NO_TABLE: readonly unknown[] = ["ENOENT", "EACCES", "EPERM"];

// A peer may reach an IPv4 address through an IPv6 socket, which is in the other table.
async function connectionTable(): Promise<string | undefined> {
  const read = (name: string) =>
    readFile(`/proc/net/${name}`, "utf8").catch((error: unknown) => {
      // No more than that: running out of descriptors, say, must not open the door.
      if (isProperties(error) && NO_TABLE.includes(error.code)) return undefined;
      throw error;
    });
  const [four, six] = await Promise.all([read("tcp"), read("tcp6")]);
  return four === undefined ? undefined : `${four}\n${six ?? ""}`;
}

/**
 * The user id that holds the far end of a connection, by the text of /proc/net/tcp and /proc/net/tcp6
 * (documented in the kernel's Documentation/networking/proc_net_tcp.rst); undefined if the far end is not in
 * there. Only established connections count: one that its owner has closed is shown as root's.
 */
export function ownerOfPeer(table: string, connection: Ends): number | undefined {
  const [near, far] = endsOf(connection);
  const row = rows(table).find(
    ({ local, remote, state }) => state === ESTABLISHED && local === far && remote === near,
  );
  return row?.user;
}

// Not the near end of the connection itself: its peer can make that vanish, after having sent something.
function hasListener(table: string, connection: Ends): boolean {
  const [near] = endsOf(connection);
  return rows(table).some(({ local, state }) => state === LISTENING && local === near);
}

const ESTABLISHED = "01";
const LISTENING = "0A";

function rows(table: string) {
  return table.split("\n").map((line) => {
    const [, local = "", remote = "", state = "", , , , user = ""] = line.trim().split(/\s+/);
    return { local: asIPv4(local), remote: asIPv4(remote), state, user: Number(user) };
  });
}

// Addresses are 32-bit words in the machine's own byte order; ::ffff:a.b.c.d is a.b.c.d after all.
const isLittle = endianness() === "LE";
const MAPPED = `0000000000000000${isLittle ? "FFFF0000" : "0000FFFF"}`;

function asIPv4(address: string): string {
  return address.startsWith(MAPPED) ? address.slice(MAPPED.length) : address;
}

function endsOf(connection: Ends): [near: string, far: string] {
  return [
    encoded(connection.localAddress, connection.localPort),
    encoded(connection.remoteAddress, connection.remotePort),
  ];
}

function encoded(address = "", port = 0): string {
  const bytes = address
    .replace(/^::ffff:/, "")
    .split(".")
    .map(Number);
  const word = hex(Buffer.from(isLittle ? bytes.reverse() : bytes));
  return `${word}:${hex(Buffer.from([port >> 8, port & 0xff]))}`;
}

function hex(bytes: Buffer): string {
  return bytes.toString("hex").toUpperCase();
}
