import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { endianness } from "node:os";
import { ownerOfPeer, peerUser } from "../../../../../lab/engine/grpc/peer-user";

// As recorded on a 64-bit PC: a daemon of user 1000 on port 42001 (0xA411) and connections to it.
const four = `
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:A411 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 71001 1 0000000000000000 100 0 0 10 0
   1: 0100007F:A411 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 71002 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:9C40 0100007F:A411 01 00000000:00000000 02:00000A2B 00000000  1001        0 71003 2 0000000000000000 20 4 30 10 -1
   3: 0100007F:9C41 0100007F:A411 01 00000000:00000000 02:00000A2B 00000000  1000        0 71004 2 0000000000000000 20 4 30 10 -1
   4: 0100007F:9C42 0100007F:A411 06 00000000:00000000 03:00000A2B 00000000     0        0 0 3 0000000000000000
   5: 0200007F:9C43 0100007F:A411 01 00000000:00000000 02:00000A2B 00000000  1002        0 71005 2 0000000000000000 20 4 30 10 -1`;
const six = `
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF00000100007F:9C44 0000000000000000FFFF00000100007F:A411 01 00000000:00000000 00:00000000 00000000  1003        0 71006 1 0000000000000000 20 4 30 10 -1`;

const from = (remotePort: number, remoteAddress = "127.0.0.1") =>
  ownerOfPeer(`${four}${six}`, {
    ...{ localAddress: "127.0.0.1", localPort: 42001 },
    ...{ remoteAddress, remotePort },
  });

const onLittleEndian = endianness() === "LE" ? describe : describe.skip;
onLittleEndian("a recorded table", () => {
  test("tells the user at the far end, not the one here", () => {
    expect(from(40000)).toBe(1001);
    expect(from(40001)).toBe(1000);
  });

  test("tells nothing of a connection that its owner has closed: it is shown as root's", () => {
    expect(from(40002)).toBeUndefined();
  });

  test("tells addresses apart", () => {
    expect(from(40003, "127.0.0.2")).toBe(1002);
    expect(from(40003)).toBeUndefined();
  });

  test("knows IPv4 behind an IPv6 socket", () => {
    expect(from(40004)).toBe(1003);
  });
});

test("a live connection is the own user's, one whose far end is not to be found is somebody else's", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("no address");
  const client = connect(address.port, "127.0.0.1");
  const [socket] = (await once(server, "connection")) as [Socket];
  expect(await peerUser(socket)).toBe("own");
  const { localAddress, localPort, remoteAddress } = socket;
  const elsewhere = { localAddress, localPort, remoteAddress, remotePort: 1 };
  expect(await peerUser(elsewhere)).toBe("other");
  client.destroy();
  server.close();
  await once(server, "close");
  // A table without even the socket that accepted says nothing of those who connected to it.
  expect(await peerUser(elsewhere)).toBe("unknown");
});
