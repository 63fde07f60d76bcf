import * as fs from "node:fs";
import * as path from "node:path";
import { bootScript } from "../../../components/host-profile/boot-script";
import { type AssetSet, assetSetId } from "../../../components/node-provisioner/asset-set";
import { until } from "../../support/wait";
import { planOf } from "../../unit/components/host-profile/planned";
import { serve, startWeb, type Web } from "../../unit/components/node-provisioner/script/web";
import { type BootingHost, bootingHost } from "./booting-host";
import { startSystemd, type Systemd, whyNoSystemd } from "./real-systemd";

const missing = whyNoSystemd();
const SERVICE = "kvm-fabric-assets.service";
const KERNEL = Buffer.alloc(3_000_000, "kernel of a guest ");

let web: Web;
let host: BootingHost;
let systemd: Systemd;

function servedSet(): AssetSet {
  const { sha256 } = web.publish("kernel", KERNEL);
  const kernel = { url: "https://nowhere.invalid/kernel", sha256, sizeBytes: KERNEL.length };
  return { amd64: { kernel }, mirrors: [web.url] };
}

(missing === "" ? describe : describe.skip)(
  `with a real systemd${missing === "" ? "" : ` (skipped: ${missing})`}`,
  () => {
    const onMachine = async (machine: string) => {
      const { HOST_ROOT = "" } = host.environment();
      systemd = await startSystemd(host, [
        `HOST_ROOT=${HOST_ROOT}`,
        `MACHINE=${machine}`,
        "CONNECT_SECONDS=2",
        "STALL_SECONDS=60",
      ]);
    };
    beforeEach(async () => {
      web = await startWeb();
      host = bootingHost();
    });
    afterEach(async () => {
      await systemd.stop();
      host.remove();
      await web.close();
    });

    test("the service is started again after failures and a kill, goes on where it was, and leaves the boot at its end", async () => {
      await onMachine("x86_64");
      const set = servedSet();
      const sum = String(set.amd64?.kernel.sha256);
      let answers = 0;
      web.behave((_, response, content) => {
        answers++;
        if (answers < 4) response.writeHead(503).end();
        else
          response
            .writeHead(200, { "Content-Length": content.length })
            .write(content.subarray(0, 2_000_000));
      });
      expect(systemd.boot(bootScript(planOf({ assets: set })))).toMatchObject({ status: 0 });
      expect(systemd.systemctl("is-enabled", SERVICE)).toBe("enabled");
      const partial = path.join(host.root, "objects", `.partial-${sum}`);
      await until(() => fs.existsSync(partial) && fs.statSync(partial).size > 1_000_000);
      const { NRestarts } = systemd.show("NRestarts");
      expect(Number(NRestarts)).toBe(3);
      web.behave(serve);
      web.requests.length = 0;
      systemd.systemctl("kill", "--signal=KILL", SERVICE);
      await until(() => systemd.systemctl("is-enabled", SERVICE) === "disabled");
      await until(() => systemd.show("ActiveState").ActiveState === "inactive");
      expect(systemd.show("Result")).toEqual({ Result: "success" });
      expect(web.requests).toEqual([expect.stringMatching(`^GET /${sum} bytes=[1-9][0-9]{6}-$`)]);
      host.mount(set);
      expect(await host.run("verify full")).toMatchObject({ code: 0 });
      expect(fs.existsSync(path.join(host.root, "versions", assetSetId(set), "vmlinux"))).toBe(
        true,
      );
    });

    test("stopped in the middle, as by a shutdown, it stays in the boot", async () => {
      await onMachine("x86_64");
      web.behave(() => undefined);
      systemd.boot(bootScript(planOf({ assets: servedSet() })));
      await until(() => web.requests.length > 0);
      systemd.systemctl("stop", SERVICE);
      expect(systemd.show("ActiveState")).not.toEqual({ ActiveState: "active" });
      expect(systemd.systemctl("is-enabled", SERVICE)).toBe("enabled");
    });

    test("on a machine that the set has no files for, it fails once", async () => {
      await onMachine("aarch64");
      systemd.boot(bootScript(planOf({ assets: servedSet() })));
      await until(() => systemd.show("ActiveState").ActiveState === "failed");
      expect(systemd.show("ExecMainStatus", "NRestarts")).toEqual({
        ...{ ExecMainStatus: "78", NRestarts: "0" },
      });
      expect(web.requests).toEqual([]);
    });
  },
);
