import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type AssetSet, assetSetId } from "../../../components/node-provisioner/asset-set";
import {
  pretendedHost,
  type PretendedHost,
} from "../../unit/components/node-provisioner/script/pretended-host";
import {
  addSynced,
  allSynced,
  dropUnsynced,
  stateOf,
  sweptHost,
  sweptSets,
  wholeCurrent,
} from "./sweep";

let folder: string;
let mirror: string;
let [one, two]: AssetSet[] = [];
const sets = () => [one, two].filter((set) => set !== undefined);
const id = (set: AssetSet | undefined) => assetSetId(set ?? {});

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "sweep-"));
  ({
    mirror,
    sets: [one, two],
  } = sweptSets(folder));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

const RESUMPTION = "an installation that takes up half a download and an object that was damaged";

/** One way through the script: what is there before, and the command that does not come to its end. */
interface Scenario {
  command: string;
  installed?: AssetSet;
  wanted: AssetSet;
  /** What `current` may be afterwards; undefined: absent. */
  allowed: (string | undefined)[];
  damage?: (host: PretendedHost) => void;
  /** States of the disk that one more run completed. */
  completed?: Set<string>;
}

const scenarios = (): Record<string, Scenario> => {
  if (!one || !two) throw new Error("no sets");
  return {
    "a first installation": { command: "install", wanted: one, allowed: [undefined, id(one)] },
    "an upgrade that removes the version before the last": {
      command: "install",
      installed: one,
      wanted: two,
      allowed: [id(one), id(two)],
    },
    "the repair of a damaged version": {
      command: "install",
      installed: one,
      wanted: one,
      // It is absent from the moment it is found to be damaged.
      allowed: [undefined, id(one), "damaged"],
      damage: (host) => {
        const file = path.join(host.root, "versions", id(one), "rootfs.ext4");
        fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("system", "SYSTEM"));
      },
    },
    [RESUMPTION]: {
      command: "install",
      installed: one,
      wanted: two,
      allowed: [id(one), id(two)],
      damage: (host) => {
        const objects = path.join(host.root, "objects");
        const { rootfs, vmm } = two?.amd64 ?? {};
        const served = (sum = "") => fs.readFileSync(path.join(mirror, sum), "utf8");
        const half = served(rootfs?.sha256).slice(0, 200);
        fs.writeFileSync(path.join(objects, `.partial-${rootfs?.sha256 ?? ""}`), half);
        fs.writeFileSync(path.join(objects, vmm?.sha256 ?? ""), "damaged");
        fs.mkdirSync(path.join(host.root, "versions", `.partial-${id(two)}`));
        fs.mkdirSync(path.join(host.root, "versions", id(two)));
      },
    },
    "an uninstallation": {
      command: "uninstall",
      installed: two,
      wanted: two,
      allowed: [undefined, id(two)],
    },
  };
};

/** Makes the host as it is before the command, once; it is copied for each run. */
async function template(scenario: Scenario): Promise<string> {
  const host = sweptHost(mirror);
  if (scenario.installed) {
    host.mount(scenario.installed);
    expect(await host.run("install")).toMatchObject({ code: 0 });
  }
  scenario.damage?.(host);
  return host.home;
}

/** Runs fn for 1, 2, 3 ... until one answers false, a few at a time; answers with how many there were. */
async function upTo(fn: (at: number) => Promise<boolean>): Promise<number> {
  let next = 1;
  let last = Infinity;
  const worker = async () => {
    while (next < last) {
      const at = next++;
      if (!(await fn(at))) last = Math.min(last, at);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  return last - 1;
}

function current(host: PretendedHost, scenario: Scenario): string | undefined {
  try {
    return wholeCurrent(host.root, sets());
  } catch (error) {
    if (scenario.allowed.includes("damaged")) return "damaged";
    throw error;
  }
}

/** One run completes it; a state of the disk that was seen before is not tried again. */
async function expectRecovery(host: PretendedHost, scenario: Scenario): Promise<void> {
  scenario.completed ??= new Set();
  const state = stateOf(host.root);
  if (scenario.completed.has(state)) return;
  scenario.completed.add(state);
  const { code, stderr } = await host.run(scenario.command);
  expect(code === 0 ? "ended well" : stderr).toBe("ended well");
  if (scenario.command === "uninstall") {
    expect(fs.existsSync(host.root)).toBe(false);
    return;
  }
  expect(wholeCurrent(host.root, sets())).toBe(id(scenario.wanted));
  const left = Object.keys(host.installed()).filter((name) => /partial|removed|\.new/.test(name));
  expect(left).toEqual([]);
}

async function killed(from: string, scenario: Scenario, at: number): Promise<boolean> {
  const host = sweptHost(mirror, from);
  try {
    host.mount(scenario.wanted);
    const synced = allSynced(host.root);
    const { signal, code, stderr } = await host.run(scenario.command, {
      MODE: at % 2 === 0 ? "drop" : "kill",
      AT: String(at),
    });
    if (code === 0) return false;
    expect({ at, signal, stderr }).toMatchObject({ at, signal: "SIGKILL" });
    expect(scenario.allowed).toContain(current(host, scenario));
    if (at % 2 === 0) {
      addSynced(synced, path.join(host.home, "synced"));
      dropUnsynced(host.root, synced);
      expect([at, ...scenario.allowed]).toContain(current(host, scenario));
    }
    await expectRecovery(host, scenario);
    return true;
  } finally {
    host.remove();
  }
}

async function failing(from: string, scenario: Scenario, mode: string, at: number) {
  const host = sweptHost(mirror, from);
  try {
    host.mount(scenario.wanted);
    const { signal, code, stderr } = await host.run(scenario.command, {
      MODE: mode,
      AT: String(at),
    });
    const reached = Number(fs.readFileSync(path.join(host.home, "count"), "utf8")) >= at;
    expect({ signal, at }).toEqual({ signal: null, at });
    if (reached && code !== 0) expect(stderr).toMatch(/^provision: .+/m);
    expect(scenario.allowed).toContain(current(host, scenario));
    await expectRecovery(host, scenario);
    return reached;
  } finally {
    host.remove();
  }
}

test("killed at any point, or with all that was not synced lost: current is whole or absent, and one run completes it", async () => {
  const points: Record<string, number> = {};
  for (const [name, scenario] of Object.entries(scenarios())) {
    const from = await template(scenario);
    points[name] = await upTo((at) => killed(from, scenario, at));
    fs.rmSync(from, { recursive: true });
  }
  expect(Object.values(points).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(500);
});

test.each(["EIO", "ENOSPC"])(
  "%s at any write leaves current whole, and one run completes it",
  async (mode) => {
    const points: Record<string, number> = {};
    for (const [name, scenario] of Object.entries(scenarios())) {
      // Makes the same writes as an upgrade.
      if (name === RESUMPTION) continue;
      const from = await template(scenario);
      points[name] = await upTo((at) => failing(from, scenario, mode, at));
      fs.rmSync(from, { recursive: true });
    }
    expect(Math.min(...Object.values(points))).toBeGreaterThan(20);
  },
);

const isRoot = process.getuid?.() === 0;
(isRoot ? test : test.skip)(
  "a disk that is full for real keeps what it had, and takes the rest once there is room",
  async () => {
    const host = pretendedHost();
    const install = () => host.run("install", { PROVE: "no", CONNECT_SECONDS: "1" });
    fs.mkdirSync(host.root);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", host.root]);
    try {
      if (!one?.amd64 || !two) throw new Error("no sets");
      host.mount({ ...one, mirrors: [mirror] });
      expect(await install()).toMatchObject({ code: 0 });
      const kernel = Buffer.alloc(700_000, "kernel");
      const sha256 = createHash("sha256").update(kernel).digest("hex");
      fs.writeFileSync(path.join(mirror, sha256), kernel);
      const url = "https://nowhere.invalid/file";
      const large = (sizeBytes: number): AssetSet => ({
        amd64: { kernel: { url, sha256, sizeBytes } },
        mirrors: [mirror],
      });
      // Its size tells that it cannot fit; a size that lies is found out by the disk.
      host.mount(large(kernel.length));
      const told = await install();
      expect(told).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/free, wanted 13\d\d KiB/),
      });
      const other = path.join(host.root, "theirs");
      fs.writeFileSync(other, Buffer.alloc(400_000));
      host.mount(large(1));
      const found = await install();
      expect(found).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/No space left on device/),
      });
      expect(wholeCurrent(host.root, sets())).toBe(id(one));
      fs.rmSync(other);
      expect(await install()).toMatchObject({ code: 0 });
      expect(fs.readlinkSync(path.join(host.root, "current"))).toBe(`versions/${id(large(1))}`);
    } finally {
      execFileSync("umount", [host.root]);
      host.remove();
    }
  },
);
