import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { simulatedClustersOf } from "../../../lab/commands/stack-target";
import { fieldAt, textAt } from "../../../lab/kube/objects";
import { labProcesses } from "../../../lab/processes";
import { listSimulatedClusters } from "../../../lab/simulated-clusters/record";
import { cloudFolder, cloudObjects } from "../../../lab/simulated-clusters/world";
import { prepareStack, pulumiOutput } from "../../../lab/stack/engine";
import { unprotectStack } from "../../../lab/stack/unprotect";
import { type FabricStatus, readStatus } from "../../../lab/status/read";
import { inventory } from "../../support/inventory";
import { withOwnLab } from "../../support/own-lab";
import { eventually } from "../../support/wait";
import { isWhole, variant } from "../../support/whole";
import { deletions, type Deletion, placesOf } from "../prod/destroy-order";
import { disturbed } from "../prod/disturbed";
import { engineRun, mustRun } from "../prod/engine-run";
import { failureOf } from "../prod/failures";
import { engineOf, inCluster, requests, settingsOf } from "../prod/stand";
import { expectWhole, wholeOf } from "../prod/whole";
import { CLOUDS, type FailingRun } from "./clouds-table";

const lab = withOwnLab();

// One story a cloud, told in order: what is changed stays changed.
describe.each(CLOUDS)("$name", ({ name, login, machines, spotTaints, kvmNodes, ...cloud }) => {
  const { upgrade } = cloud;
  const { config, fabric } = settingsOf(`tests/stacks/settings/Pulumi.${name}.yaml`);
  const engine = () => engineOf(lab, name);
  const calls = () => requests(lab).filter(({ type }) => type.startsWith(name));
  let before: string[];
  const deleted: Deletion[] = [];
  let folder: string;

  // Clouds that take their time refuse what comes while they are at something.
  const behave = (settings: object) => {
    fs.mkdirSync(cloudFolder(lab.state), { recursive: true });
    const file = path.join(cloudFolder(lab.state), "settings.json");
    fs.writeFileSync(file, JSON.stringify({ speed: 1000, ...settings }));
  };
  const failing = async (command: "up" | "destroy", { failure: title, at }: FailingRun) => {
    const failure = failureOf(name, title);
    const [type = "", resource = ""] = at.split(" ");
    const call = { operation: command === "up" ? ("create" as const) : ("delete" as const) };
    const clouds = { state: lab.state, behave, requests: calls };
    const whole = { ...call, type, name: resource };
    const run = await disturbed(engine(), clouds, command, failure, whole);
    expect({ ...run, failed: run.code !== 0 }).toMatchObject({ failed: true });
    expect(run.said).toContain(resource);
    expect(run.output).toContain(failure.cause ?? "");
    return run;
  };

  const gone = (output: string) => {
    for (const one of deletions(output)) deleted.push({ ...one, place: deleted.length });
  };

  const nodes = (pool: string): Promise<any[]> =>
    inCluster(lab, (client) =>
      client.list("v1", "Node", {
        query: { labelSelector: `kvm-fabric.dev/pool=fabric-prod-kvm-${pool}` },
      }),
    );
  const proven = (pool: string): Promise<any[]> =>
    eventually(`proven nodes of ${pool}`, async () => {
      const all = await nodes(pool);
      return all.every(({ metadata }) => metadata.labels["kvm-fabric.dev/assets"]) && all;
    });

  beforeAll(async () => {
    before = await inventory(lab.client);
    behave({});
    upgrade.apply(fabric, upgrade.from);
    await prepareStack(engine(), { config });
  });

  variant.each(cloud.failingUps)("an up from nothing fails: $failure, $at", async (run) => {
    await failing("up", run);
  });

  test("one more up has all of it, and its pods run", async () => {
    await mustRun(engine(), "up", config);
    await expectWhole(engine(), lab.state, wholeOf(name));
    const [cluster, ...others] = await simulatedClustersOf(engine(), lab.state);
    for (const one of others) one.client.close();
    expect([cluster?.title, others]).toEqual(["the simulated cluster fabric-prod", []]);
    folder = cluster!.folder!;
    expect(labProcesses(folder).length).toBeGreaterThan(0);
    const ready = async () => {
      const found = await readStatus(cluster!.client);
      return isReady(found, kvmNodes) && found;
    };
    const status = await eventually("all ready", ready).finally(() => {
      cluster!.client.close();
    });
    expect(status.nodes.filter((node) => node.proven)).toHaveLength(kvmNodes);
    expect(status.workers).toMatchObject([{ name: "fabric-worker", ready: kvmNodes }]);
    expect(status.consul).toMatchObject([{ name: "fabric-consul", ready: 5, desired: 5 }]);
  });

  test("a second up changes nothing, and neither does a refresh", async () => {
    expect((await mustRun(engine(), "up", config)).steps).toEqual([]);
    const refresh = await mustRun(engine(), "refresh", config);
    expect(refresh.output).not.toMatch(/[~+-] \d+ (updated|deleted|created)/);
    expect(refresh.steps).toEqual([]);
  });

  test("Consul's servers stand on nodes of their own, in every zone", async () => {
    const labelSelector = "app.kubernetes.io/name=consul";
    const [pods, all] = await inCluster(lab, (client) =>
      Promise.all([
        client.list("v1", "Pod", { query: { labelSelector } }),
        client.list("v1", "Node"),
      ]),
    );
    const servers = pods.filter(({ metadata }) => /^fabric-consul-\d+$/.test(metadata.name ?? ""));
    const places = servers.map((pod) => textAt(pod, "spec", "nodeName"));
    expect([servers.length, new Set(places).size]).toEqual([5, 5]);
    const zones = all
      .filter(({ metadata }) => places.includes(metadata.name))
      .map(({ metadata }) => metadata.labels?.["topology.kubernetes.io/zone"]);
    expect([...new Set(zones)].sort()).toEqual(machines.zones);
  });

  test("the machines joined with what the node contract says, and run the worker", async () => {
    const nested = await proven("nested");
    const zones = nested.map(({ metadata }) => metadata.labels["topology.kubernetes.io/zone"]);
    expect(zones.sort()).toEqual(machines.zones);
    for (const { metadata, spec, status } of nested) {
      expect(metadata.labels).toMatchObject({
        ...machines.labels,
        "kvm-fabric.dev/kvm-enabled": "true",
        "kvm-fabric.dev/assets": expect.stringMatching(/^assets-[0-9a-f]{20}$/),
        "node.kubernetes.io/instance-type": machines.type,
      });
      // The startup taint, where the cloud lets it be taken away, went with the proof.
      expect(taintsOf(spec)).toEqual(["kvm-fabric.dev/worker=true:NoSchedule"]);
      expect(status.allocatable).toMatchObject({
        cpu: machines.cpu,
        "kvm-fabric.dev/kvm": expect.stringMatching(/^[1-9]/),
      });
    }
    for (const { spec } of await proven("spot")) expect(taintsOf(spec)).toEqual(spotTaints);
  });

  test("its kubeconfig works with any client, by the cloud's own way of logging in", async () => {
    const kubeconfig = kubeconfigOf(await pulumiOutput(engine(), EXPORT));
    const [user] = parse(kubeconfig).users;
    expect(path.basename(user.user.exec.command)).toBe(login);
    const file = path.join(engine().folder, "kubeconfig");
    fs.writeFileSync(file, kubeconfig, { mode: 0o600 });
    const args = ["--kubeconfig", file, "get", "nodes", "-o", "name"];
    const text = execFileSync("kubectl", args, { env: lab.env, encoding: "utf8" });
    fs.rmSync(file);
    const all = await inCluster(lab, (client) => client.list("v1", "Node"));
    expect(text.trim().split("\n").sort()).toEqual(
      all.map(({ metadata }) => `node/${metadata.name ?? ""}`).sort(),
    );
  });

  test("two minor versions of Kubernetes at once are refused at the preview", async () => {
    upgrade.apply(fabric, upgrade.beyond);
    const { code, output } = await engineRun(engine(), "preview", config);
    expect(code).not.toBe(0);
    expect(output).toContain(`skips minor versions: the control plane runs ${upgrade.from}`);
    expect(output).toContain("try 1.36 first, with nodes and add-ons");
  });

  test("one minor version is what runs Kubernetes, in place, the control plane first, as previewed", async () => {
    upgrade.apply(fabric, upgrade.to);
    const { steps: previewed } = await mustRun(engine(), "preview", config);
    expect(previewed.sort()).toEqual(upgrade.steps);
    const start = calls().length;
    const { steps } = await mustRun(engine(), "up", config);
    expect(steps.sort()).toEqual(upgrade.steps);
    const updated = calls()
      .slice(start)
      .filter(({ operation }) => operation === "update")
      .map((call) => call.name);
    const parts = upgrade.order.map((part) => updated.splice(0, part.length).sort());
    expect([...parts, updated]).toEqual([...upgrade.order, []]);
    expect((await mustRun(engine(), "up", config)).steps).toEqual([]);
  });

  test("the way back is refused at the preview", async () => {
    upgrade.apply(fabric, upgrade.from);
    const { code, output } = await engineRun(engine(), "preview", config);
    upgrade.apply(fabric, upgrade.to);
    expect(code).not.toBe(0);
    expect(output).toContain("a control plane does not go back");
    expect(output).toContain(`got "${upgrade.from}", allowed 1.36 or 1.37`);
  });

  variant.each(cloud.changes)("$what", async (change) => {
    change.apply(fabric);
    const preview = change.previewed && (await mustRun(engine(), "preview", config));
    const { steps } = await mustRun(engine(), "up", config);
    const place = (operation: string) => steps.findIndex((step) => step.startsWith(operation));
    expect(place("create-replacement")).toBeLessThanOrEqual(place("delete-replaced"));
    expect(steps.toSorted()).toEqual(change.steps);
    // A preview never lies.
    if (preview) expect(preview.steps.sort()).toEqual(change.steps);
    expect(await nodes(change.nodes.pool)).toHaveLength(change.nodes.count);
  });

  test("the protection from deletion is taken off", async () => {
    await unprotectStack(engine(), { config });
    const { deployment } = JSON.parse(await pulumiOutput(engine(), EXPORT));
    expect(deployment.resources.filter(({ protect }: any) => protect === true)).toEqual([]);
  });

  variant.each(cloud.failingDowns)("a down fails: $failure, $at", async (run) => {
    gone((await failing("destroy", run)).output);
  });

  test("one more down leaves no cloud object, no cluster, no process of its, no object of the lab's own", async () => {
    gone((await mustRun(engine(), "destroy")).output);
    expect(cloudObjects(lab.state)).toEqual([]);
    expect(listSimulatedClusters(lab.state)).toEqual([]);
    expect(labProcesses(folder)).toEqual([]);
    expect(await inventory(lab.client)).toEqual(before);
  });

  test.each(cloud.destroy.order)("%s: gone before %s", (earlier, later) => {
    const places = (stage: string) => placesOf(cloud.destroy, stage, deleted);
    const [first, second] = [places(earlier), places(later)];
    expect([first.length, second.length]).not.toContain(0);
    expect(Math.max(...first)).toBeLessThan(Math.min(...second));
  });

  test("no call was refused, in all of it, but those that were to be", () => {
    const refused = calls().filter(({ outcome }) => outcome !== "done");
    const meant = isWhole ? [...cloud.failingUps, ...cloud.failingDowns].map(({ at }) => at) : [];
    expect(refused.map(({ type, name: resource }) => `${type} ${resource}`)).toEqual(meant);
  });
});

const EXPORT = ["stack", "export", "--show-secrets"];

function isReady({ nodes, workers, consul }: FabricStatus, kvmNodes: number): boolean {
  const proven = nodes.filter((node) => node.proven);
  const workloads = [...workers, ...consul];
  return (
    proven.length === kvmNodes &&
    workers[0]?.desired === kvmNodes &&
    workloads.length === 2 &&
    workloads.every(({ ready, desired }) => desired > 0 && ready === desired)
  );
}

function taintsOf(spec: any): string[] {
  return spec.taints.map(({ key, value, effect }: any) => `${key}=${value}:${effect}`).sort();
}

function kubeconfigOf(exported: string): string {
  const { deployment } = JSON.parse(exported);
  const provider = deployment.resources.find(
    ({ type }: any) => type === "pulumi:providers:kubernetes",
  );
  const value: unknown = provider.inputs.kubeconfig;
  const plain = textAt(value, "plaintext") ?? JSON.stringify(fieldAt(value, "plaintext") ?? value);
  const text: unknown = JSON.parse(plain);
  return typeof text === "string" ? text : plain;
}
