import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { debianTree } from "../../../lab/node/debian";
import { labPaths } from "../../../lab/paths";
import { type Catalogue, startCatalogue } from "../../support/consul-catalogue";
import { eventually } from "../../support/wait";
import {
  type Launcher,
  type LauncherOptions,
  launcherStand,
  type Shell,
  shells,
} from "./launcher-stand";

// Tests wait more than they work, so they run at the same time; then nothing may need a hook to have run before.
const launchers: Launcher[] = [];
const catalogues: Catalogue[] = [];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-shells-"));
const known: Promise<Shell[]> = debianTree(labPaths().cache, ["busybox-static"]).then((tree) =>
  shells(path.join(tree, "bin/busybox"), folder),
);

afterAll(async () => {
  for (const launcher of launchers) launcher.remove();
  await Promise.all(catalogues.map((catalogue) => catalogue.close()));
  fs.rmSync(folder, { recursive: true });
});

async function withCatalogue(): Promise<Catalogue> {
  const catalogue = await startCatalogue();
  catalogues.push(catalogue);
  return catalogue;
}

// The image's shell is Debian's; the lab's image and Alpine ones have busybox's.
describe.each(["sh", "busybox"])("the example's launcher, run by %s", (name) => {
  const prepared = async (options: LauncherOptions = {}): Promise<Launcher> => {
    const shell = (await known).find((one) => one.name === name);
    if (shell === undefined) throw new Error(`no shell ${name}`);
    const launcher = await launcherStand(shell, options);
    launchers.push(launcher);
    return launcher;
  };
  const started = async (options: LauncherOptions = {}): Promise<Launcher> => {
    const launcher = await prepared(options);
    launcher.tell("beats");
    launcher.start();
    await launcher.becomes(200);
    return launcher;
  };

  test.concurrent(
    "is healthy while the guest says that it lives, and not before; ends as QEMU does",
    async () => {
      const launcher = await prepared({ environment: { WORKER_HEARTBEAT_SECONDS: "2" } });
      // What an earlier container of the same pod left.
      fs.mkdirSync(path.join(launcher.run, "health"), { recursive: true });
      fs.writeFileSync(path.join(launcher.run, "health/health"), "ok");
      fs.writeFileSync(path.join(launcher.run, "draining"), "");
      launcher.start();
      await launcher.becomes(404);
      launcher.tell("beats");
      await launcher.becomes(200);
      launcher.untell("beats");
      await launcher.becomes(404);
      launcher.tell("beats");
      await launcher.becomes(200);
      launcher.tell("halves");
      await launcher.obeyed("halves");
      launcher.tell("end", "7");
      const { code, stdout } = await launcher.ended();
      expect(code).toBe(7);
      expect(stdout).toMatch(/^kvm-fabric heartbeat 1 role=DroneWorker$/m);
      expect(stdout).toMatch(/^one line$/m);
      expect(stdout).toMatch(/^worker: QEMU ended with 7$/m);
    },
  );

  test.concurrent(
    "ends with 1 where the guest powered itself down, which nobody asked for",
    async () => {
      const launcher = await started();
      launcher.tell("end", "0");
      expect(await launcher.ended()).toMatchObject({ code: 1 });
    },
  );

  test.concurrent("TERM powers the guest down", async () => {
    const launcher = await started();
    launcher.signal("SIGTERM");
    expect(await launcher.ended()).toMatchObject({ code: 0 });
    // Asked again after five seconds, where they pass.
    expect(new Set(launcher.said())).toEqual(new Set(["system_powerdown"]));
  });

  test.concurrent(
    "TERM, where the guest does not power down: QEMU is ended; where QEMU does not end: killed",
    async () => {
      const options = { environment: { WORKER_POWER_DOWN_SECONDS: "4" } };
      const [deaf, stubborn] = await Promise.all([started(options), started(options)]);
      for (const launcher of [deaf, stubborn]) {
        launcher.tell("deaf");
        if (launcher === stubborn) launcher.tell("stubborn");
        launcher.signal("SIGTERM");
      }
      expect(await deaf.ended()).toMatchObject({ code: 0 });
      expect(await stubborn.ended()).toMatchObject({ code: 137 });
      expect(deaf.said()).toEqual(["system_powerdown"]);
    },
  );

  test.concurrent(
    "a guest that says much fills no disk, and its control characters reach no terminal",
    async () => {
      const launcher = await started({ environment: { WORKER_LOG_BYTES: "300000" } });
      launcher.tell("flood");
      const before = path.join(launcher.run, "serial.log.before");
      await eventually("the log begins anew", () => {
        return Promise.resolve(fs.existsSync(before) && fs.statSync(before).size === 65_536);
      });
      expect(await launcher.health()).toBe(200);
      launcher.untell("flood");
      launcher.signal("SIGTERM");
      const { code, stdout } = await launcher.ended();
      expect(code).toBe(0);
      expect(stdout).toMatch(/^worker: \d+ bytes of the serial line are left out$/m);
      expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
    },
  );

  test.concurrent(
    "registers once the guest is up, again when Consul forgot it, and leaves with the drain",
    async () => {
      const catalogue = await withCatalogue();
      const launcher = await prepared({ catalogue });
      launcher.start();
      await launcher.becomes(404);
      expect(catalogue.requests).toEqual([]);
      launcher.tell("beats");
      const isPassing = () =>
        eventually("it is there and passing", () => {
          return Promise.resolve(catalogue.entries()[0]?.status === "passing");
        });
      await isPassing();
      expect(catalogue.entries()).toMatchObject([
        {
          id: "drones-node-1",
          name: "drones",
          address: "127.0.0.1",
          tags: ["worker", "qemu", "kvm"],
          meta: { node: "node-1", kvm_enabled: "true" },
        },
      ]);
      catalogue.forget();
      await isPassing();
      const registered = () => catalogue.requests.filter((one) => one.includes("/register")).length;
      expect(registered()).toBe(2);
      fs.writeFileSync(path.join(launcher.run, "draining"), "");
      await launcher.becomes(404);
      await eventually("it is gone", () => Promise.resolve(catalogue.entries().length === 0));
      expect(registered()).toBe(2);
      fs.writeFileSync(path.join(launcher.run, "monitor.in"), "system_powerdown\n");
      expect(await launcher.ended()).toMatchObject({ code: 0 });
    },
  );

  test.concurrent(
    "a Consul that is absent or fails ends no guest; the worker is there once it answers",
    async () => {
      const catalogue = await withCatalogue();
      catalogue.behave("absent");
      const launcher = await started({ catalogue });
      const asked = (count: number) =>
        eventually(`it is asked ${count} times`, () => {
          return Promise.resolve(catalogue.requests.length >= count);
        });
      await asked(1);
      catalogue.behave("failing");
      await asked(2);
      expect(await launcher.health()).toBe(200);
      catalogue.behave("well");
      await eventually("it is there", () => Promise.resolve(catalogue.entries().length === 1));
      launcher.signal("SIGTERM");
      const { code, stdout, stderr } = await launcher.ended();
      expect(code).toBe(0);
      expect(catalogue.entries()).toEqual([]);
      expect(stderr).toMatch(/curl: /);
      expect(`${stdout}${stderr}`).not.toContain(catalogue.token);
    },
  );

  test.concurrent("an entry that an earlier pod of this node left is replaced", async () => {
    const catalogue = await withCatalogue();
    const environment = { POD_IP: "192.0.2.1" };
    const earlier = await started({ catalogue, environment });
    await eventually("it is there", () => Promise.resolve(catalogue.entries().length === 1));
    const again = () => catalogue.requests.filter((one) => one.includes("/register")).length > 1;
    // The entry says 127.0.0.1, and this worker asks for its own address.
    await eventually("it is registered again", () => Promise.resolve(again()));
    earlier.signal("SIGTERM");
    expect(await earlier.ended()).toMatchObject({ code: 0 });
  });
});
