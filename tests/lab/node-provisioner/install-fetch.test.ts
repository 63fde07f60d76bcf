import * as fs from "node:fs";
import * as path from "node:path";
import { type AssetSet, assetSetId } from "../../../components/node-provisioner/asset-set";
import { sha256 } from "../../unit/components/node-provisioner/script/ended";
import {
  pretendedHost,
  type PretendedHost,
} from "../../unit/components/node-provisioner/script/pretended-host";
import {
  type Behaviour,
  serve,
  startWeb,
  type Web,
} from "../../unit/components/node-provisioner/script/web";

let web: Web;
let mirror: Web;
let host: PretendedHost;
beforeAll(async () => {
  [web, mirror] = await Promise.all([startWeb(), startWeb()]);
});
afterAll(() => Promise.all([web.close(), mirror.close()]));
beforeEach(() => {
  host = pretendedHost();
  for (const server of [web, mirror]) {
    server.requests.length = 0;
    server.behave(undefined);
  }
});
afterEach(() => {
  host.remove();
});

const content = Buffer.from("0123456789".repeat(20_000));

/** One file on the web and on the mirror, its size known, so that each request is one for the file. */
function oneFile(mirrors: string[] = [mirror.url]): AssetSet {
  const kernel = { ...web.publish("vmlinux", content), sizeBytes: content.length };
  mirror.publish("vmlinux", content);
  return { amd64: { kernel }, mirrors };
}

/** Bounds of a second, so that a bad server costs no more. */
const bounds = {
  ...{ CONNECT_SECONDS: "1", STALL_SECONDS: "1", TOTAL_SECONDS: "2" },
  ...{ TRIES: "3", SLOWEST_BYTES: "1" },
};

const install = (extra: Record<string, string> = {}) =>
  host.run("install", { ...bounds, ...extra });

function expectInstalled(set: AssetSet): void {
  const file = path.join(host.root, "versions", assetSetId(set), "vmlinux");
  expect(sha256(fs.readFileSync(file))).toBe(sha256(content));
  expect(fs.readlinkSync(path.join(host.root, "current"))).toBe(`versions/${assetSetId(set)}`);
}

const cut: Behaviour = (_, response, whole) => {
  response.writeHead(200, { "Content-Length": whole.length });
  response.write(whole.subarray(0, 1000), () => response.destroy());
};

const badServers: [string, Behaviour, RegExp][] = [
  ["answers 404", (_, response) => response.writeHead(404).end("no"), /error: 404/],
  ["answers 500", (_, response) => response.writeHead(500).end("no"), /error: 500/],
  ["never answers", () => undefined, /timed out|too slow/i],
  [
    "stalls in the middle",
    (_, response, whole) => {
      response.writeHead(200, { "Content-Length": whole.length });
      response.write(whole.subarray(0, 1000));
    },
    /too slow|timed out/i,
  ],
  ["closes early", cut, /transfer closed|does not resume/],
  [
    "closes early, each time, without a length",
    (_, response, whole) => {
      response.writeHead(200, { "Transfer-Encoding": "chunked" });
      response.write(whole.subarray(0, 1000), () => response.destroy());
    },
    /transfer closed|does not resume/,
  ],
  [
    "sends less than all and says so",
    (_, response, whole) => response.end(whole.subarray(0, 5000)),
    /it has SHA-256 [0-9a-f]{64}, wanted/,
  ],
  [
    "sends more than it says",
    (_, response, whole) => {
      response.socket?.end(
        Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"), whole]),
      );
    },
    /it has SHA-256/,
  ],
  ["sends something else", (_, response) => response.end("something else"), /it has SHA-256/],
  ["sends nothing", (_, response) => response.end(), /it has SHA-256/],
  [
    "redirects to http",
    (request, response, whole) => {
      if (request.url?.startsWith("/again") === true) serve(request, response, whole);
      else response.writeHead(302, { Location: `/again${request.url ?? ""}` }).end();
    },
    /Protocol "http" not supported|not supported or disabled/,
  ],
  [
    "redirects to itself for ever",
    (request, response) => response.writeHead(302, { Location: request.url }).end(),
    /not supported|redirects/,
  ],
  [
    "never ends",
    (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more);
      more();
    },
    /larger than 1 MiB/,
  ],
  [
    "speaks no HTTP",
    (_, response) => {
      response.socket?.end("ceci n'est pas une réponse\r\n\r\n");
    },
    /HTTP\/0.9|unsupported|empty reply|Weird/i,
  ],
];

test.each(badServers)(
  "a mirror that %s costs bounded time and one line",
  async (_, behaviour, line) => {
    const set = oneFile();
    host.mount(set);
    mirror.behave(behaviour);
    const { code, stderr } = await install({ LARGEST_MIB: "1" });
    expect(code === 0 ? "ended well" : stderr).toBe("ended well");
    const lines = stderr.split("\n").filter((text) => text.includes("cannot get"));
    expect(lines).toEqual([expect.stringMatching(line)]);
    expect(lines[0]).toContain(`cannot get vmlinux from ${mirror.url}/`);
    expectInstalled(set);
  },
);

test("where no source is good, the failure says so, and nothing is there", async () => {
  const set = oneFile();
  host.mount(set);
  for (const server of [web, mirror]) server.behave((_, response) => response.writeHead(503).end());
  const { code, stderr } = await install();
  expect(code).toBe(1);
  expect(stderr).toMatch(/no source has vmlinux with SHA-256 [0-9a-f]{64}; the last one: .*503/);
  expect(Object.keys(host.installed()).filter((name) => !name.startsWith("."))).toEqual([]);
  web.behave(undefined);
  expect(await install()).toMatchObject({ code: 0 });
  expectInstalled(set);
});

test("nobody listens: the mirror is skipped, and tried last for the next file", async () => {
  const dead = "http://127.0.0.1:9";
  const set = oneFile([dead]);
  const rootfs = { ...web.publish("root", "root"), sizeBytes: 4 };
  const both = { ...set, amd64: { kernel: { ...rootfs }, rootfs: set.amd64?.kernel ?? rootfs } };
  host.mount(both);
  const { code, stderr } = await install();
  expect(code).toBe(0);
  expect(stderr.split("\n").filter((line) => line.includes(`from ${dead}/`))).toHaveLength(1);
});

test("a download that was cut off goes on where it stopped, also at another source", async () => {
  const set = oneFile();
  host.mount(set);
  let left = 2;
  mirror.behave((request, response, whole) => {
    const from = Number(/\d+/.exec(request.headers.range ?? "0")?.[0]);
    if (left-- <= 0) response.writeHead(500).end();
    else {
      response.writeHead(from > 0 ? 206 : 200, {
        "Content-Length": whole.length - from,
        ...(from > 0 && {
          "Content-Range": `bytes ${String(from)}-${String(whole.length - 1)}/${String(whole.length)}`,
        }),
      });
      response.write(whole.subarray(from, from + 10_000), () => response.destroy());
    }
  });
  expect(await install()).toMatchObject({ code: 0 });
  expectInstalled(set);
  const ranges = [...mirror.requests, ...web.requests].map((line) => line.split(" ")[2]);
  expect(ranges[0]).toBeUndefined();
  const starts = ranges.slice(1).map((range) => Number(/\d+/.exec(range ?? "")?.[0]));
  expect(starts.length).toBeGreaterThanOrEqual(2);
  expect(starts).toEqual([...starts].sort((a, b) => a - b));
  expect(Math.min(...starts)).toBeGreaterThan(0);
});

test("what was there before is hashed again: a wrong half is thrown away", async () => {
  const set = oneFile();
  host.mount(set);
  const objects = path.join(host.root, "objects");
  fs.mkdirSync(objects, { recursive: true });
  const partial = path.join(objects, `.partial-${sha256(content)}`);
  fs.writeFileSync(partial, "x".repeat(50_000));
  expect(await install()).toMatchObject({ code: 0 });
  expectInstalled(set);
  expect(mirror.requests).toHaveLength(2);
  expect(mirror.requests[0]).toContain("bytes=50000-");
});

test.each([
  ["ignores ranges", (_: unknown, response: any, whole: Buffer) => response.end(whole), 2],
  ["has no more to give", serve, 1],
] as [string, Behaviour, number][])(
  "a whole or half download and a server that %s",
  async (_, behaviour, requests) => {
    const set = oneFile();
    host.mount(set);
    mirror.behave(behaviour);
    const objects = path.join(host.root, "objects");
    fs.mkdirSync(objects, { recursive: true });
    const there = behaviour === serve ? content : content.subarray(0, 70_000);
    fs.writeFileSync(path.join(objects, `.partial-${sha256(content)}`), there);
    expect(await install()).toMatchObject({ code: 0 });
    expectInstalled(set);
    expect(mirror.requests).toHaveLength(requests);
  },
);

test("a folder is a mirror, and a file that it does not have is no reason to stop", async () => {
  const folder = path.join(host.home, "mirror");
  fs.mkdirSync(folder);
  const set = oneFile([folder]);
  host.mount(set);
  fs.writeFileSync(path.join(folder, sha256(content)), "damaged");
  const { code, stderr } = await install();
  expect(code).toBe(0);
  expect(stderr).toContain(`cannot get vmlinux from ${folder}/${sha256(content)}: it has SHA-256`);
  expectInstalled(set);
  expect(await host.run("uninstall")).toMatchObject({ code: 0 });
  fs.rmSync(path.join(folder, sha256(content)));
  expect(await install()).toMatchObject({ code: 0 });
  expect(await host.run("uninstall")).toMatchObject({ code: 0 });
  web.requests.length = 0;
  fs.writeFileSync(path.join(folder, sha256(content)), content);
  expect(await install()).toMatchObject({ code: 0 });
  expect(web.requests).toEqual([]);
});

test("a file's own URL needs TLS", async () => {
  const set = oneFile([]);
  host.mount(set);
  const { code, stderr } = await install({ ALLOW_HTTP: "no" });
  expect(code).toBe(1);
  expect(stderr).toMatch(/cannot get vmlinux .*(not supported|disabled)/);
  expect(web.requests).toEqual([]);
});

test("fifty installers at once: one download, one whole version", async () => {
  const set = oneFile();
  host.mount(set);
  const ends = await Promise.all(
    Array.from({ length: 50 }, () => host.run("install", { PROVE: "no" })),
  );
  expect(ends.filter(({ code }) => code !== 0)).toEqual([]);
  expect(mirror.requests).toHaveLength(1);
  expect(web.requests).toEqual([]);
  expectInstalled(set);
  expect(Object.keys(host.installed()).filter((name) => /partial|removed|new/.test(name))).toEqual(
    [],
  );
});

test("one that waits too long says for whom", async () => {
  const set = oneFile();
  host.mount(set);
  mirror.behave(() => undefined);
  const slow = host.start("install", {
    ...bounds,
    CONNECT_SECONDS: "30",
    STALL_SECONDS: "30",
    TOTAL_SECONDS: "30",
  });
  const pid = String(slow.pid);
  while (mirror.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const { code, stderr } = await install({ LOCK_SECONDS: "1" });
  expect(code).toBe(1);
  expect(stderr).toContain(`another installer works on this host: pid ${pid}, machine machine-1`);
  process.kill(-(slow.pid ?? 0), "SIGKILL");
});
