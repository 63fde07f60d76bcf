import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { machines } from "../../../lab/engine/simulated-cloud/command/machines";
import { fakeK3s, nodePrograms } from "../../../lab/engine/simulated-cloud/command/node-programs";
import {
  noRootFilesystem,
  rootFilesystem,
} from "../../../lab/engine/simulated-cloud/command/root-filesystem";
import { nodeArguments } from "../../../lab/node-command";
import { labPaths } from "../../../lab/paths";
import {
  program,
  TSCONFIG,
  workspace,
  written,
  type Workspace,
} from "../engine/language-host/workspace";
import { HOST_KEY } from "../../unit/components/cluster/bare-metal/hosts";

const REPOSITORY = path.resolve(__dirname, "../../..");
const HOSTS = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];
const [OLD, NEW] = ["v1.35.7+k3s1", "v1.36.3+k3s1"] as const;
const sum = (version: string) => createHash("sha256").update(fakeK3s(version)).digest("hex");
const reason = noRootFilesystem();

const text = `
  import * as pulumi from "@pulumi/pulumi";
  import * as fabric from "${REPOSITORY}/components/bare-metal";
  const config = new pulumi.Config();
  const host = (name: string, number: number, role: fabric.HostRole) =>
    ({ name, role, address: "10.0.0." + number, hostKey: "${HOST_KEY}", user: "admin" });
  const role = fabric.HostRole.ControlPlane;
  const cluster = new fabric.BareMetalCluster("metal", {
    access: { privateKey: pulumi.secret("-----BEGIN OPENSSH PRIVATE KEY-----") },
    api: { address: "api.example.com" },
    deletionProtection: false,
    minimumDiskGib: 1,
    hosts: [
      host("one", 1, role), host("two", 2, role), host("three", 3, role),
      host("four", 4, fabric.HostRole.Worker),
    ],
    network: { cni: fabric.Cni.Flannel },
    release: {
      version: config.require("version"), sha256: { amd64: config.require("sum") },
      downloadBaseUrl: "https://web",
    },
  });
  export const endpoint = cluster.endpoint;
  export const kubeconfig = cluster.kubeconfig;
  export const token = cluster.serverToken;`;

// Skipped without root and Debian's tools, as the scripts' own tests are, and where the sums are not for the processor.
(reason === undefined && os.arch() === "x64" ? describe : describe.skip)(
  `a cluster on four machines${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let state: string;
    let lab: Workspace;
    let provider: ChildProcess;

    const at = (host: string, file: string) => path.join(state, "machines", host, "upper", file);
    const publish = (version: string) => {
      for (const host of HOSTS) {
        fs.mkdirSync(at(host, "srv/web"), { recursive: true });
        fs.writeFileSync(at(host, "srv/web/k3s"), fakeK3s(version));
      }
    };
    const restarts = () =>
      HOSTS.map((host) => {
        const file = at(host, "srv/calls");
        const found = fs.readFileSync(file, "utf8").match(/^systemctl restart/gm) ?? [];
        return {
          host,
          count: found.length,
          at: fs.statSync(at(host, "usr/local/bin/k3s")).ctimeMs,
        };
      });
    const settings = (version: string) => [
      ...["--yes", "--skip-preview", "--non-interactive"],
      ...["--config", `version=${version}`, "--config", `sum=${sum(version)}`],
    ];

    beforeAll(async () => {
      state = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "kvm-fabric-metal-"));
      const root = await rootFilesystem(labPaths().cache);
      for (const host of HOSTS) {
        machines(path.join(state, "machines")).add(host, root, { files: nodePrograms() });
      }
      const main = path.join(REPOSITORY, "lab/engine/simulated-cloud/main.ts");
      provider = spawn(process.execPath, nodeArguments(main, state), {
        env: { ...process.env, PORT: "0" },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const port = (await written(provider, "\n")).trim();
      lab = await workspace({ PULUMI_DEBUG_PROVIDERS: `random:${port},command:${port}` });
    });

    afterAll(() => {
      provider.kill();
      lab.remove();
      fs.rmSync(state, { recursive: true, force: true });
    });

    test("comes up, stays as it is, is upgraded server by server, and leaves nothing", async () => {
      publish(OLD);
      const { compilerOptions } = JSON.parse(TSCONFIG);
      const tsconfig = { compilerOptions: { ...compilerOptions, rootDir: "/" } };
      const swc = { ...tsconfig, "ts-node": { swc: true } };
      lab.write({ ...program("metal", text), "metal/tsconfig.run.json": JSON.stringify(swc) });
      await lab.pulumi("metal", "stack", "init", "dev");
      const up = await lab.pulumi("metal", "up", ...settings(OLD));
      if (up.code !== 0) throw new Error(up.output);
      const { output } = await lab.pulumi("metal", "stack", "output", "--json", "--show-secrets");
      const outputs = JSON.parse(output);
      expect(outputs.endpoint).toBe("https://api.example.com:6443");
      expect(JSON.parse(outputs.kubeconfig).users[0].user["client-key-data"]).toBe("S0VZ");
      expect(up.output).not.toContain(outputs.token);
      const { output: exported } = await lab.pulumi("metal", "stack", "export");
      expect(exported).not.toContain(outputs.token);
      for (const host of HOSTS.slice(0, 3)) {
        const token = fs.readFileSync(at(host, "etc/rancher/k3s/server-token"), "utf8");
        expect(token).toBe(outputs.token);
      }
      expect(fs.existsSync(at("10.0.0.4", "etc/rancher/k3s/server-token"))).toBe(false);

      const again = await lab.pulumi("metal", "up", ...settings(OLD), "--expect-no-changes");
      expect(again).toMatchObject({ code: 0 });

      const tooFar = await lab.pulumi("metal", "up", ...settings("v1.37.1+k3s1"));
      expect(tooFar.code).not.toBe(0);
      expect(tooFar.output).toContain("release.version: skips minor versions");
      expect(restarts().map(({ count }) => count)).toEqual([1, 1, 1, 1]);

      publish(NEW);
      expect(await lab.pulumi("metal", "up", ...settings(NEW))).toMatchObject({ code: 0 });
      const upgraded = restarts();
      expect(upgraded.map(({ count }) => count)).toEqual([2, 2, 2, 2]);
      const times = upgraded.map(({ at: time }) => time);
      expect(times).toEqual([...times].sort((one, other) => one - other));

      const destroy = await lab.pulumi("metal", "destroy", ...settings(NEW));
      expect(destroy).toMatchObject({ code: 0 });
      for (const host of HOSTS) {
        for (const file of ["etc/rancher/k3s/config.yaml", "etc/sysctl.d/90-kvm-fabric.conf"]) {
          expect(fs.existsSync(at(host, file)) && fs.statSync(at(host, file)).isFile()).toBe(false);
        }
      }
    });
  },
);
