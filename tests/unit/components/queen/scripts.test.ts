import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { DISK_SCRIPT, diskGib } from "../../../../components/queen/disk";
import { NINEP_SCRIPT } from "../../../../components/queen/probes";
import { shells } from "../vm-pod/script/stage";

const GIB = 1024 ** 3;

describe.each(shells())("the disk, by $name", (shell) => {
  let folder: string;
  const disk = () => path.join(folder, "disk.img");
  const make = (gib: number) => {
    const [program = "", ...args] = shell.command;
    const env = { PATH: shell.path, DISK_FILE: disk(), DISK_GIB: String(gib) };
    return spawnSync(program, [...args, "-c", DISK_SCRIPT], { env, encoding: "utf8" });
  };
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "queen-disk-"));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  test("is made once, sparse, and keeps what is on it while it grows", () => {
    expect(make(2)).toMatchObject({ status: 0, stdout: "disk: made, 2 GiB\n" });
    expect(fs.statSync(disk()).size).toBe(2 * GIB);
    expect(fs.statSync(disk()).blocks).toBeLessThan(100);
    const file = fs.openSync(disk(), "r+");
    fs.writeSync(file, "kept", GIB);
    fs.closeSync(file);
    expect(make(2)).toMatchObject({ status: 0, stdout: "disk: 2 GiB\n" });
    expect(make(3)).toMatchObject({ status: 0, stdout: "disk: grown to 3 GiB\n" });
    expect(fs.statSync(disk()).size).toBe(3 * GIB);
    const read = Buffer.alloc(4);
    const again = fs.openSync(disk(), "r");
    fs.readSync(again, read, 0, 4, GIB);
    fs.closeSync(again);
    expect(read.toString()).toBe("kept");
  });

  test("never shrinks", () => {
    make(3);
    const { status, stderr } = make(2);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^disk: it has 3221225472 bytes and never shrinks, wanted 2147483648;/);
    expect(fs.statSync(disk()).size).toBe(3 * GIB);
  });

  test("begun and not finished, it is made anew", () => {
    fs.writeFileSync(`${disk()}.partial`, "half");
    expect(make(2).status).toBe(0);
    expect(fs.readdirSync(folder)).toEqual(["disk.img"]);
    expect(fs.statSync(disk()).size).toBe(2 * GIB);
  });
});

test("the disk leaves the volume's own file system a tenth", () => {
  expect([2, 10, 20, 100].map(diskGib)).toEqual([1, 9, 18, 90]);
});

// As in the image: a machine that tests run on need not have a nc, and busybox brings one.
const asking = shells().filter(({ path: folders }) =>
  folders.split(":").some((folder) => fs.existsSync(path.join(folder, "nc"))),
);
const questions = asking.length > 0 ? describe.each(asking) : describe.skip.each(shells());
questions("the question for 9P, by $name", (shell) => {
  const servers: net.Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  const listen = async (answer: (socket: net.Socket, asked: Buffer) => void): Promise<number> => {
    const server = net.createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (asked: Buffer) => {
        answer(socket, asked);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as net.AddressInfo).port;
  };
  const ask = (fabric: number, uploads: number) =>
    new Promise<{ code: number | null; said: string }>((resolve) => {
      const ports = { FABRIC_PORT: String(fabric), UPLOADS_PORT: String(uploads) };
      const [program = "", ...words] = shell.command;
      const env = { PATH: shell.path, ...ports };
      const child = spawn(program, [...words, "-c", NINEP_SCRIPT], { env });
      let said = "";
      child.stdout.on("data", (data: Buffer) => (said += data.toString()));
      child.on("close", (code) => {
        resolve({ code, said });
      });
    });
  const version = (type: number) => {
    const answer = Buffer.from("15000000" + "00" + "ffff" + "00200000" + "0800", "hex");
    answer[4] = type;
    return Buffer.concat([answer, Buffer.from("9P2000.L")]);
  };
  const serves = (socket: net.Socket, asked: Buffer) => {
    expect(asked.equals(version(100))).toBe(true);
    socket.end(version(101));
  };
  test("is answered where both listeners speak it", async () => {
    const ports = [await listen(serves), await listen(serves)] as const;
    expect(await ask(...ports)).toEqual({ code: 0, said: "" });
  });

  test.each([
    ["closes", (socket: net.Socket) => socket.destroy()],
    ["says something else", (socket: net.Socket) => socket.end("HTTP/1.1 400\r\n")],
    ["answers with an error", (socket: net.Socket) => socket.end(version(107))],
  ])("is not where one of them %s", async (_, answer) => {
    const [good, bad] = [await listen(serves), await listen(answer)];
    expect(await ask(good, bad)).toEqual({ code: 1, said: `no 9P on port ${bad}\n` });
    expect((await ask(bad, good)).code).toBe(1);
  });
});
