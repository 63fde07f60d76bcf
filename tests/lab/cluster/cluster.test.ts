import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import {
  auditLog,
  clusterPrograms,
  clusterProcesses,
  isClusterReady,
  kubeconfigFile,
  labClient,
  startCluster,
  stopCluster,
} from "../../../lab/cluster/cluster";
import { clusterFolder, readSettings } from "../../../lab/cluster/files";
import { NodeKind } from "../../../lab/cluster/node-manifests";
import { listLabNodes, scaleNodes } from "../../../lab/cluster/nodes";
import { conditionOf, fieldAt } from "../../../lab/kube/objects";
import { isAlive, labProcesses } from "../../../lab/processes";
import { ensureTools, type ToolPaths } from "../../../lab/toolchain";
import { eventually } from "../../support/wait";

// A cluster of its own: these tests break it.
const state = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-cluster-"));
const notes: string[] = [];
let tools: ToolPaths;

const start = (audit = false) =>
  startCluster(state, { tools, audit, note: (message) => notes.push(message) });

const kept = { apiVersion: "v1", kind: "ConfigMap", name: "kept", namespace: "default" };

beforeAll(async () => {
  tools = await ensureTools();
  await start();
  await withClient((client) =>
    client.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "kept", namespace: "default" },
    }),
  );
});

afterAll(async () => {
  await stopCluster(state);
  expect(labProcesses(state)).toEqual([]);
  fs.rmSync(state, { recursive: true, force: true });
});

async function withClient<T>(work: (client: ReturnType<typeof labClient>) => Promise<T>) {
  const client = labClient(state);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

const isKept = () => withClient(async (client) => (await client.find(kept)) !== undefined);

const pids = () =>
  clusterProcesses(state)
    .map(({ pid }) => pid)
    .sort();

test("a healthy cluster is left alone", async () => {
  const before = pids();
  expect(await start()).toBe(false);
  expect(pids()).toEqual(before);
  expect(before).toHaveLength(clusterPrograms.length);
});

test("the kubeconfig is its owner's alone and has one context", () => {
  expect(fs.statSync(kubeconfigFile(state)).mode & 0o777).toBe(0o600);
  expect(labClient(state).config.context).toBe("kvm-fabric-lab");
});

test("nothing of the cluster listens beyond loopback", () => {
  const ports = Object.values(readSettings(state)!.ports).map((port) =>
    port.toString(16).toUpperCase().padStart(4, "0"),
  );
  const listening = ["tcp", "tcp6"]
    .flatMap((table) => fs.readFileSync(`/proc/net/${table}`, "utf8").split("\n"))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === "0A")
    .map((fields) => fields[1]!.split(":"))
    .filter(([, port]) => ports.includes(port!));
  expect(listening).toHaveLength(ports.length);
  expect(new Set(listening.map(([address]) => address))).toEqual(new Set(["0100007F"]));
});

test("anonymous requests and identities without a role are refused", async () => {
  await withClient(async (client) => {
    const path = "/api/v1/nodes";
    await expect(client.withToken("none").request("GET", path)).rejects.toMatchObject({
      status: 401,
    });
    await eventually("the default service account", () =>
      client.find({
        apiVersion: "v1",
        kind: "ServiceAccount",
        name: "default",
        namespace: "default",
      }),
    );
    const token = await client.createToken("default", "default");
    await expect(client.withToken(token).request("GET", path)).rejects.toMatchObject({
      status: 403,
    });
  });
});

test.each(clusterPrograms)("a cluster without %s is made whole with its data", async (program) => {
  const victim = clusterProcesses(state).find((found) => found.program === program)!;
  process.kill(victim.pid, "SIGKILL");
  await eventually("its end", () => Promise.resolve(!isAlive(victim)));
  expect(await isClusterReady(state)).toBe(false);
  expect(await start()).toBe(true);
  expect(await isKept()).toBe(true);
  expect(pids()).toHaveLength(clusterPrograms.length);
});

test("a stale pid file neither protects a dead part nor harms a foreign process", async () => {
  await stopCluster(state);
  const folder = path.join(clusterFolder(state), "pids");
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, "etcd.pid"), String(process.pid));
  expect(await start()).toBe(true);
  expect(await isKept()).toBe(true);
});

test("a port that another took is given up, not the data", async () => {
  await stopCluster(state);
  const { apiServer } = readSettings(state)!.ports;
  const thief = net.createServer();
  await new Promise<void>((resolve) => thief.listen(apiServer, "127.0.0.1", resolve));
  try {
    expect(await start()).toBe(true);
    expect(readSettings(state)!.ports.apiServer).not.toBe(apiServer);
    expect(await isKept()).toBe(true);
  } finally {
    thief.close();
  }
});

test("the audit log holds requests only while it is asked for", async () => {
  expect(fs.existsSync(auditLog(state))).toBe(false);
  expect(await start(true)).toBe(true);
  expect(await isKept()).toBe(true);
  const events = await eventually("the request in the log", () => {
    const lines = fs.readFileSync(auditLog(state), "utf8").trimEnd().split("\n");
    const found = lines.filter((line) => line.includes("/namespaces/default/configmaps/kept"));
    return Promise.resolve(found.length > 0 && found);
  });
  expect(JSON.parse(events[0]!)).toMatchObject({ verb: "get", level: "Metadata" });
});

test("nodes are scaled up and down to the number asked for, and kwok plays only those marked as fake", async () => {
  await withClient(async (client) => {
    const first = await scaleNodes(client, NodeKind.Kvm, 40);
    expect(first.created).toHaveLength(40);
    await client.create({ apiVersion: "v1", kind: "Node", metadata: { name: "real" } });
    const isReady = (node: unknown) => conditionOf(node, "Ready")?.status === "True";
    await eventually("all of them ready", async () => {
      const nodes = await client.list("v1", "Node");
      return nodes.filter(isReady).length === 40;
    });
    expect(isReady(await client.get({ apiVersion: "v1", kind: "Node", name: "real" }))).toBe(false);
    expect(await scaleNodes(client, NodeKind.Kvm, 40)).toEqual({ created: [], removed: [] });
    expect((await scaleNodes(client, NodeKind.Kvm, 2)).removed).toHaveLength(38);
    expect(await listLabNodes(client, NodeKind.Kvm)).toEqual(["kvm-0000", "kvm-0001"]);
    const node = await client.get({ apiVersion: "v1", kind: "Node", name: "kvm-0001" });
    expect(fieldAt(node, "status", "allocatable", "cpu")).toBe("16");
  });
});

test("data that no server comes up with is given up, with a note", async () => {
  await stopCluster(state);
  const snap = path.join(state, "etcd", "member", "snap", "db");
  fs.writeFileSync(snap, "not a database");
  notes.length = 0;
  expect(await start()).toBe(true);
  expect(await isKept()).toBe(false);
  expect(notes.at(-1)).toContain("without its data");
});
