import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { type AssetSet, assetSetId } from "../../../components/node-provisioner/asset-set";
import { labPaths } from "../../../lab/paths";
import { sha256 } from "../../unit/components/node-provisioner/script/ended";
import {
  BOOTS,
  pretendedHost,
  type PretendedHost,
} from "../../unit/components/node-provisioner/script/pretended-host";
import { startWeb, type Web } from "../../unit/components/node-provisioner/script/web";

/**
 * The shell and tools of the provisioner's image are busybox's, so the script must work with them: here with Debian's,
 * which come from the machine's own package sources. curl, and flock that Debian's lacks, are the machine's.
 */
function busybox(): string | undefined {
  const folder = path.join(labPaths().cache, "busybox");
  const program = path.join(folder, "bin/busybox");
  if (fs.existsSync(program)) return program;
  const work = fs.mkdtempSync(path.join(os.tmpdir(), "busybox-"));
  try {
    const options = { cwd: work, timeout: 120_000, stdio: "ignore" } as const;
    execFileSync("apt-get", ["download", "--quiet", "busybox-static"], options);
    const archive = fs.readdirSync(work).find((name) => name.endsWith(".deb")) ?? "";
    execFileSync("dpkg-deb", ["--extract", archive, "all"], options);
    fs.mkdirSync(path.join(folder, "bin"), { recursive: true });
    fs.copyFileSync(path.join(work, "all/bin/busybox"), `${program}.new`);
    fs.chmodSync(`${program}.new`, 0o755);
    fs.renameSync(`${program}.new`, program);
    return program;
  } catch {
    return undefined;
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

const program = busybox();
const { PATH } = process.env;
let web: Web;
let host: PretendedHost;
let tools: string;

(program === undefined ? describe.skip : describe)(
  `under busybox${program === undefined ? " (skipped: its Debian package is not to be had)" : ""}`,
  () => {
    beforeAll(async () => {
      web = await startWeb();
      tools = fs.mkdtempSync(path.join(os.tmpdir(), "busybox-tools-"));
      execFileSync(program ?? "", ["--install", "-s", tools]);
      for (const tool of ["curl", "flock"]) {
        const real = execFileSync("sh", ["-c", `command -v ${tool}`])
          .toString()
          .trim();
        fs.rmSync(path.join(tools, tool), { force: true });
        fs.symlinkSync(real, path.join(tools, tool));
      }
    });
    afterAll(async () => {
      fs.rmSync(tools, { recursive: true, force: true });
      await web.close();
    });
    beforeEach(() => {
      host = pretendedHost();
      process.env.PATH = tools;
      process.env.PROVISIONER_SHELL = `${program ?? ""} ash`;
    });
    afterEach(() => {
      process.env.PATH = PATH;
      delete process.env.PROVISIONER_SHELL;
      host.remove();
    });

    const archive = () => {
      const folder = fs.mkdtempSync(path.join(host.home, "release-"));
      fs.writeFileSync(path.join(folder, "jail"), "jailer");
      fs.symlinkSync("jail", path.join(folder, "link"));
      fs.linkSync(path.join(folder, "jail"), path.join(folder, "second"));
      const file = path.join(host.home, "release.tgz");
      execFileSync("/bin/tar", ["-czf", file, "-C", folder, "jail", "link", "second"], {
        env: { PATH },
      });
      return fs.readFileSync(file);
    };

    const setOf = (member = "jail", vmm = BOOTS): AssetSet => ({
      amd64: {
        vmm: web.publish("vmm", vmm),
        jailer: { ...web.publish("release.tgz", archive()), archiveMember: member },
        kernel: web.publish("kernel", Buffer.alloc(300_000, "kernel")),
        rootfs: web.publish("rootfs", "rootfs"),
        gate: { seconds: 3 },
      },
    });

    test("a good host has no findings, gets all files, boots, verifies, and is left as it was", async () => {
      const set = setOf();
      host.mount(set);
      const doctor = await host.run("doctor");
      expect({ ...doctor, findings: JSON.parse(doctor.stdout).findings }).toMatchObject({
        code: 0,
        stderr: "",
        findings: [],
      });
      const { code, stderr } = await host.run("install");
      expect(code === 0 ? "ended well" : stderr).toBe("ended well");
      expect(stderr).toContain("a microVM booted");
      const files = host.installed();
      expect(files[`versions/${assetSetId(set)}/jailer`]).toBe("jailer");
      expect(files.current).toBe(`-> versions/${assetSetId(set)}`);
      for (const command of ["verify", "verify quick", "collect", "flip"]) {
        expect([command, await host.run(command)]).toMatchObject([command, { code: 0 }]);
      }
      expect(await host.run("uninstall")).toMatchObject({ code: 0 });
      expect(fs.existsSync(host.root)).toBe(false);
    });

    test.each([
      ["link", /something else than a regular file/],
      ["second", /something else than a regular file/],
      ["nothing", /holds no nothing/],
    ])("member %s of an archive is refused", async (member, line) => {
      host.mount(setOf(member));
      const { code, stderr } = await host.run("install", { PROVE: "no" });
      expect(code).toBe(1);
      expect(stderr).toMatch(line);
    });

    test("an archive that leads out of its folder is refused", async () => {
      const escaping = gzipSync(
        execFileSync(
          "/bin/tar",
          ["-cPf", "-", "--transform=s,.*jail,../jail,", "-C", host.home, "machine-id"],
          {
            env: { PATH },
          },
        ),
      );
      const jail = { ...web.publish("e.tgz", escaping), archiveMember: "machine-id" };
      host.mount({ amd64: { kernel: jail } });
      expect(await host.run("install", { PROVE: "no" })).toMatchObject({ code: 0 });
      const out = gzipSync(
        execFileSync(
          "/bin/tar",
          ["-cPf", "-", "--transform=s,^,../,", "-C", host.home, "machine-id"],
          {
            env: { PATH },
          },
        ),
      );
      const evil = { ...web.publish("o.tgz", out), archiveMember: "machine-id" };
      host.mount({ amd64: { kernel: evil } });
      const { code, stderr } = await host.run("install", { PROVE: "no" });
      expect(code).toBe(1);
      expect(stderr).toMatch(/leads out of its folder/);
    });

    test("a bad mirror, a half download, and a microVM that hangs", async () => {
      const set = setOf();
      host.mount({ ...set, mirrors: ["http://127.0.0.1:9", path.join(host.home, "mirror")] });
      const sum = sha256(Buffer.alloc(300_000, "kernel"));
      fs.mkdirSync(path.join(host.root, "objects"), { recursive: true });
      fs.writeFileSync(
        path.join(host.root, "objects", `.partial-${sum}`),
        Buffer.alloc(150_000, "kernel"),
      );
      web.requests.length = 0;
      const { code, stderr } = await host.run("install");
      expect(code === 0 ? "ended well" : stderr).toBe("ended well");
      expect(web.requests).toContain("GET /files/kernel bytes=150000-");
      host.mount(setOf("jail", "#!/bin/sh\n(sleep 60) &\nexec sleep 61\n"));
      const hanging = await host.run("install");
      expect(hanging.code).toBe(1);
      expect(hanging.stderr).toContain("did not say");
      expect(fs.readlinkSync(path.join(host.root, "current"))).toBe(`versions/${assetSetId(set)}`);
      for (let round = 0; host.processes().length > 0 && round < 400; round++) {
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      expect(host.processes()).toEqual([]);
    });
  },
);
