import * as fs from "node:fs";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { stackFolder } from "../../../lab/commands/stack-folders";
import { machines, machinesFolder } from "../../../lab/engine/simulated-cloud/command/machines";
import { noRootFilesystem } from "../../../lab/engine/simulated-cloud/command/root-filesystem";
import { labEnvironment, readLabRecord } from "../../../lab/environment";
import { labProcesses } from "../../../lab/processes";
import { accessTo } from "../../../lab/simulated-clusters/open";
import { listSimulatedClusters } from "../../../lab/simulated-clusters/record";
import { prepareStack, settingsFile } from "../../../lab/stack/engine";
import { prepareMachines } from "../../../lab/stack/stack-machines";
import { unprotectStack } from "../../../lab/stack/unprotect";
import { withOwnLab } from "../../support/own-lab";
import { eventually } from "../../support/wait";
import { variant } from "../../support/whole";
import { settle } from "../prod/disturbed";
import { engineRun, mustRun } from "../prod/engine-run";
import { interrupted } from "../prod/interrupted";
import { command, engineOf, inCluster, settingsOf } from "../prod/stand";
import { machineTroubles } from "./machine-troubles";

const reason = noRootFilesystem();
const STACK = "metal";
const POOL = "fabric-prod-kvm-metal";
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE";
const [OLD, NEW, BEYOND] = ["v1.35.6+k3s1", "v1.36.3+k3s1", "v1.37.0+k3s1"];

// Skipped without root and Debian's tools. One story of one stack, told in order: what is changed stays changed.
(reason === undefined ? describe : describe.skip)(
  `a stack on one's own machines${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    const lab = withOwnLab();
    const { config, fabric } = settingsOf("tests/stacks/settings/Pulumi.bare-metal.yaml");
    const { cluster, pools } = fabric.bareMetal;
    // As the last command left it: where the source has changed since the first, providers have other ports.
    const engine = () => ({
      ...engineOf(lab, STACK),
      env: labEnvironment(lab.state, readLabRecord(lab.state)),
    });

    /** `npm run up` with the settings as they are now. */
    const up = async () => {
      const file = path.join(lab.state, `given.${STACK}.yaml`);
      fs.writeFileSync(file, stringify({ config }));
      const run = await command(lab, "up", "--stack", STACK, "--config-file", file);
      fs.rmSync(file);
      if (run.code !== 0) throw new Error(run.output);
      return run;
    };
    /** The stack with the settings as they are now, and its machines, ready for the engine. */
    const prepared = async () => {
      const { settings } = await prepareMachines(lab.state, STACK, { config });
      await prepareStack(engine(), settings);
      return settings;
    };
    /** A run fails, and says where; where the engine was killed, it is told when the stack is brought in order. */
    const expectFailed = async (
      { code, output }: { code: number | null; output: string },
      command: string,
      cause: string,
    ) => {
      expect({ code, output }).not.toMatchObject({ code: 0 });
      const settled = await settle(engine(), lab.state);
      expect([output, ...settled].join("\n")).toContain(command);
      expect([output, ...settled].join("\n")).toContain(cause);
    };
    const troubles = () => machineTroubles(lab.state);
    const nodes = async (): Promise<Map<string, any>> => {
      const all: any[] = await inCluster(lab, (client) => client.list("v1", "Node"));
      return new Map(all.map((node) => [node.metadata.name, node]));
    };
    const machineAddresses = () =>
      machines(machinesFolder(lab.state))
        .list()
        .map(({ address }) => address);

    beforeAll(() => {
      cluster.release.version = OLD;
    });

    variant("an up fails where a machine does not answer", async () => {
      await prepared();
      const answerAgain = troubles().silence("192.168.10.12");
      const run = await engineRun(engine(), "up");
      answerAgain();
      await expectFailed(run, "fabric-prod-node-2-host", "no machine at 192.168.10.12");
    });

    test("an up whose engine is killed while a server joins", async () => {
      await prepared();
      const { isHeld, release } = troubles().hold("192.168.10.12");
      const run = await interrupted(engine(), "up", isHeld);
      release();
      await expectFailed(
        run,
        "fabric-prod-node-2-server",
        "the lock that the last run left behind",
      );
    });

    variant("an up fails where a download is cut off", async () => {
      await prepared();
      troubles().cutDownload("192.168.10.21");
      const run = await engineRun(engine(), "up");
      await expectFailed(run, `${POOL}-metal-1-agent`, "SHA-256");
    });

    variant("an up whose provider dies while a machine joins", async () => {
      await prepared();
      const { isHeld, release } = troubles().hold("192.168.10.21");
      const run = await interrupted(engine(), "up", isHeld, () => troubles().killProvider());
      release();
      await expectFailed(run, `${POOL}-metal-1-agent`, "error");
    });

    test("npm run up brings all of it up, and says what is played", async () => {
      const { output } = await up();
      expect(output).toContain("k3s is played:\n  api.address is 127.");
      expect(output).toContain("The metal stack runs on the simulated cluster metal:");
      expect(output).toContain("  nodes     5, 2 with KVM, 2 proven");
      expect(output).toContain("fabric-agents/fabric-worker: 2 of 2 ready");
      expect(output).toContain("fabric-services/fabric-consul: 3 of 3 ready");
    });

    test("machines are nodes as their k3s was told, at an API server that its own address leads to", async () => {
      const all = await nodes();
      expect([...all.keys()].sort()).toEqual(["metal-1", "metal-2", "node-1", "node-2", "node-3"]);
      const { metadata, spec, status } = all.get("metal-1");
      expect(metadata.labels).toMatchObject({
        "kvm-fabric.dev/kvm-enabled": "true",
        "kvm-fabric.dev/pool": POOL,
        "kvm-fabric.dev/assets": expect.stringMatching(/^assets-[0-9a-f]{20}$/),
      });
      const taints = spec.taints.map(({ key, value, effect }: any) => `${key}=${value}:${effect}`);
      expect(taints).toEqual(["kvm-fabric.dev/worker=true:NoSchedule"]);
      expect(status.addresses).toContainEqual({ type: "InternalIP", address: "192.168.10.21" });
      expect(all.get("node-2").metadata.labels).toHaveProperty([
        "node-role.kubernetes.io/control-plane",
      ]);
      for (const { status: own } of all.values()) {
        expect(own.nodeInfo.kubeletVersion).toBe(OLD);
      }
      const [open] = listSimulatedClusters(lab.state);
      expect(accessTo(open!.folder).endpoint).toMatch(/^https:\/\/127\.\d+\.\d+\.\d+:6443$/);
    });

    test("a second up changes nothing, and neither does a refresh", async () => {
      const { config: fitted } = parse(fs.readFileSync(settingsFile(engine()), "utf8"));
      expect((await mustRun(engine(), "up", fitted)).steps).toEqual([]);
      expect((await mustRun(engine(), "refresh", fitted)).steps).toEqual([]);
    });

    test("another machine of the pool is four steps on it, and it runs the worker once it is proven", async () => {
      pools.metal.hosts.push({ name: "metal-3", address: "192.168.10.23", hostKey: HOST_KEY });
      const { settings } = await prepareMachines(lab.state, STACK, { config });
      const preview = await mustRun(engine(), "preview", settings.config);
      const { steps } = await mustRun(engine(), "up", settings.config);
      expect(steps.sort()).toEqual([
        ...["agent", "drain", "host", "profile"].map((s) => `create Command ${POOL}-metal-3-${s}`),
        `update BareMetalKvmNodePool ${POOL}`,
      ]);
      expect(preview.steps.sort()).toEqual(steps);
      await eventually("3 workers", async () => (await readyWorkers()) === 3);
    });

    test("a machine that leaves is drained first, and given back", async () => {
      await inCluster(lab, (client) => client.create(guest));
      pools.metal.hosts.shift();
      const { stdout } = await up();
      const deleted = [...stdout.matchAll(/^ -  command:remote:Command (\S+) deleted \(/gm)];
      expect(deleted.map(([, name]) => name)).toEqual(
        ["drain", "agent", "profile", "host"].map((step) => `${POOL}-metal-1-${step}`),
      );
      expect(stdout).not.toMatch(/^ (\+|~|\+-) {1,2}(command|kubernetes):/m);
      expect([...(await nodes()).keys()]).not.toContain("metal-1");
      const pods = await inCluster(lab, (client) => client.list("v1", "Pod"));
      expect(pods.map(({ metadata }) => metadata.name)).not.toContain("guest");
      expect(machineAddresses()).not.toContain("192.168.10.21");
      expect(machineAddresses()).toHaveLength(5);
    });

    test.each([
      [
        "two minor versions at once",
        BEYOND,
        "skips minor versions: the control plane runs v1.35.6",
      ],
      ["the way back", "v1.34.9+k3s1", "a control plane does not go back"],
    ])("%s: refused at the preview", async (_, version, problem) => {
      cluster.release.version = version;
      const { settings } = await prepareMachines(lab.state, STACK, { config });
      const { code, output } = await engineRun(engine(), "preview", settings.config);
      expect(code).not.toBe(0);
      expect(output).toContain(problem);
    });

    test("a new minor version reaches servers one by one, then agents, and touches nothing inside of the cluster", async () => {
      cluster.release.version = NEW;
      const { settings } = await prepareMachines(lab.state, STACK, { config });
      const { steps: previewed } = await mustRun(engine(), "preview", settings.config);
      const { steps } = await mustRun(engine(), "up", settings.config);
      const ran = steps.flatMap((step) => /^update Command (\S+): create$/.exec(step)?.[1] ?? []);
      const servers = ["node-1", "node-2", "node-3"].map((host) => `fabric-prod-${host}-server`);
      const agents = ["metal-2", "metal-3"].map((host) => `${POOL}-${host}-agent`);
      expect([...ran.splice(0, 3), ...ran.sort()]).toEqual([...servers, ...agents]);
      expect(steps.sort()).toEqual([
        // It only reads what k3s has renewed.
        "create-replacement Command fabric-prod-kubeconfig: triggers (forced by triggers)",
        "delete-replaced Command fabric-prod-kubeconfig",
        "replace Command fabric-prod-kubeconfig: triggers (forced by triggers)",
        "update BareMetalCluster fabric-prod",
        `update BareMetalKvmNodePool ${POOL}`,
        ...[...agents, ...servers].map((name) => `update Command ${name}: create`),
      ]);
      // Before the credential is read anew, the engine cannot know what becomes of anything inside of the cluster.
      const known = previewed.filter((step) => / (Command|BareMetal\w+) /.test(step));
      expect(known.sort()).toEqual(steps);
      for (const { status } of (await nodes()).values()) {
        expect(status.nodeInfo.kubeletVersion).toBe(NEW);
      }
      expect((await mustRun(engine(), "up", settings.config)).steps).toEqual([]);
    });

    variant("a down whose engine is killed while a machine is drained", async () => {
      const settings = await prepared();
      await unprotectStack(engine(), settings);
      const { isHeld, release } = troubles().hold("192.168.10.11");
      const run = await interrupted(engine(), "destroy", isHeld);
      release();
      await expectFailed(run, "-drain", "the lock that the last run left behind");
    });

    variant("a down fails where a machine does not answer", async () => {
      const answerAgain = troubles().silence("192.168.10.22");
      const run = await engineRun(engine(), "destroy");
      answerAgain();
      await expectFailed(run, `${POOL}-metal-2-agent`, "no machine at 192.168.10.22");
    });

    test("npm run down leaves no machine, no cluster and no process", async () => {
      const down = await command(lab, "down", "--stack", STACK);
      expect(down).toMatchObject({ code: 0 });
      expect(listSimulatedClusters(lab.state)).toEqual([]);
      expect(fs.existsSync(machinesFolder(lab.state))).toBe(false);
      expect(fs.existsSync(stackFolder(lab.state, STACK))).toBe(false);
      expect(labProcesses(lab.state)).toEqual([]);
    });

    const readyWorkers = async (): Promise<number> => {
      const set: any = await inCluster(lab, (client) =>
        client.get({
          ...{ apiVersion: "apps/v1", kind: "DaemonSet" },
          ...{ namespace: "fabric-agents", name: "fabric-worker" },
        }),
      );
      return set.status.numberReady;
    };
  },
);

// Nobody's who would make it anew.
const guest = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "guest", namespace: "default" },
  spec: { nodeName: "metal-1", containers: [{ name: "c", image: "x" }] },
};
