import * as net from "node:net";
import type { TlsOptions as ServerTls } from "node:tls";
import { connect, type TlsOptions } from "../../../../../functions/trace-uploader/ninep";
import { eventually } from "../../../../support/wait";
import { authority, type Authority, type Credentials } from "./authority";
import { directory, file, listen, type Listening } from "./memory-server";
import { fails } from "./waits";

let ours: Authority;
let server: Credentials;
let client: Credentials;
const servers: Listening[] = [];

beforeAll(async () => {
  ours = await authority("fabric");
  server = await ours.issue("queen.fabric");
  client = await ours.issue("uploader.fabric");
});

afterEach(async () => {
  for (const one of servers.splice(0)) await one.close();
});

async function start(tls: ServerTls = {}): Promise<number> {
  const root = directory({ a: file("hello") });
  const listening = await listen({
    root,
    tls: { ...server, ca: ours.ca, requestCert: true, rejectUnauthorized: true, ...tls },
  });
  servers.push(listening);
  return listening.port;
}

/** Reads a file over a connection; answers with its bytes. */
async function read(port: number, tls: TlsOptions): Promise<string> {
  const session = await connect({
    host: "127.0.0.1",
    port,
    uname: "u",
    tls,
    connectTimeoutSeconds: 5,
  });
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of session.read("/a")) pieces.push(piece);
  } finally {
    session.close();
  }
  return Buffer.concat(pieces).toString();
}

const good = (): TlsOptions => ({ ca: ours.ca, ...client, servername: "queen.fabric" });

test("a server and a client that know each other's authority talk", async () => {
  expect(await read(await start(), good())).toBe("hello");
});

test("the server sees the client's certificate, and TLS is of version 1.2 at least", async () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    const seen: [string, string | null][] = [];
    const port = await start({
      maxVersion,
      SNICallback: (name, done) => {
        seen.push([name, null]);
        done(null);
      },
    });
    expect(await read(port, good())).toBe("hello");
    expect(seen[0]?.[0]).toBe("queen.fabric");
  }
});

test("a client without a certificate, or with another authority's, gets nothing", async () => {
  const port = await start();
  const { ca, servername } = good() as { ca: string; servername: string };
  expect((await fails(read(port, { ca, servername }))).code).toMatch(
    /^ERR_SSL_|^ECONNRESET$|^EPIPE$/,
  );
  const stranger = await (await authority("stranger")).issue("uploader.fabric");
  expect((await fails(read(port, { ...good(), ...stranger }))).code).toMatch(
    /^ERR_SSL_|^ECONNRESET$|^EPIPE$/,
  );
});

test("a server with another authority's certificate, another's name, or one that has expired is refused", async () => {
  const stranger = await (await authority("stranger")).issue("queen.fabric");
  const refused = async (tls: ServerTls, asked: TlsOptions) => {
    const error = await fails(read(await start(tls), asked));
    expect(error.operation).toBe("connect");
    return error.code;
  };
  expect(await refused(stranger, good())).toMatch(
    /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/,
  );
  expect(await refused({}, { ...good(), servername: "worker.fabric" })).toBe(
    "ERR_TLS_CERT_ALTNAME_INVALID",
  );
  expect(await refused({}, { ca: ours.ca, ...client })).toBe("ERR_TLS_CERT_ALTNAME_INVALID"); // For 127.0.0.1.
  expect(await refused(await ours.issue("queen.fabric", 0), good())).toBe("CERT_HAS_EXPIRED");
  expect(await refused({}, { ...client, servername: "queen.fabric" })).toMatch(
    /^(UNABLE_TO|SELF_SIGNED)/,
  ); // Not the system's.
});

test("the environment cannot turn verification off", async () => {
  const stranger = await (await authority("stranger")).issue("queen.fabric");
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  try {
    expect((await fails(read(await start(stranger), good()))).code).toMatch(/^UNABLE_TO/);
  } finally {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
  }
});

test("older versions of TLS are refused", async () => {
  const port = await start({
    minVersion: "TLSv1",
    maxVersion: "TLSv1.1",
    ciphers: "DEFAULT@SECLEVEL=0",
  });
  expect((await fails(read(port, good()))).code).toMatch(/^ERR_SSL_|^ECONNRESET$/);
});

test("a server that speaks no TLS, or falls silent in the handshake, is given up", async () => {
  const plain = await listen({ root: directory() });
  servers.push(plain);
  const asked = { host: "127.0.0.1", port: plain.port, uname: "u", tls: good() };
  expect((await fails(connect({ ...asked, connectTimeoutSeconds: 0.2 }))).code).toBe("ETIMEDOUT");
  const ending = new AbortController();
  const result = fails(connect({ ...asked, signal: ending.signal }));
  await eventually("it is connected", () => plain.connections.length === 2);
  ending.abort();
  expect((await result).code).toBe("ECANCELED");
});

test("no connection gives the network's code", async () => {
  const closed = net.createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as net.AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  expect((await fails(connect({ host: "127.0.0.1", port, uname: "u" }))).code).toBe("ECONNREFUSED");
});
