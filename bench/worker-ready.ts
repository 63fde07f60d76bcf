import { randomBytes } from "node:crypto";
import { labClient } from "../lab/cluster/cluster";
import type { RunningLab } from "../lab/commands/lab/start";
import { workerGuest } from "../lab/node/guest";
import { workerImage } from "../lab/node/images";
import { importImage } from "../lab/node/import-image";
import { startNode, stopNode } from "../lab/node/node";
import { labPaths } from "../lab/paths";
import { DOMAIN, memoryIn, provisionerOn, READ_MEMORY } from "../tests/lab/node/provisioner-stand";
import { guestSets, workersOn } from "../tests/lab/worker-node/worker-stand";
import { startCatalogue } from "../tests/support/consul-catalogue";
import type { OwnLab } from "../tests/support/own-lab";
import { eventually } from "../tests/support/wait";
import { startWeb } from "../tests/unit/components/node-provisioner/script/web";

const NODE = "bench";
const ROUNDS = 3;

type Parts = Awaited<ReturnType<typeof partsOf>>;

/** One round: seconds from one moment to the next, and the most memory of each container in MiB. */
interface Round {
  proven: number;
  ready: number;
  bare: number;
  memory: Record<string, number>;
}

/**
 * A real node, from ready to proven (assets downloaded from this machine, gate booted) to a worker that is ready, against
 * the same worker's container alone in a pod on that node. Guests run under TCG. Needs what the lab's real node needs.
 */
export async function workerReadyBench(running: RunningLab): Promise<void> {
  const client = labClient(running.state);
  const unique = (prefix: string) => `${prefix}-${randomBytes(4).toString("hex")}`;
  const parts = await partsOf({ state: running.state, env: running.env, client, unique });
  try {
    const rounds: Round[] = [];
    for (let at = 0; at < ROUNDS; at += 1) rounds.push(await round(parts, at));
    print(rounds);
  } finally {
    await parts.web.close();
    await parts.catalogue.close();
    await stopNode(running.state, NODE);
    client.close();
  }
}

async function partsOf(lab: OwnLab) {
  const { cache } = labPaths();
  const node = await startNode(lab.state, { name: NODE, domain: DOMAIN });
  const image = await workerImage(cache);
  await importImage(lab.state, NODE, image);
  const web = await startWeb(node.network.host);
  return {
    ...{ lab, image, web },
    catalogue: await startCatalogue(node.network.host),
    sets: guestSets(await workerGuest(cache), web),
    provisioner: provisionerOn(lab, NODE, () => image),
    workers: workersOn(lab, () => node),
  };
}

async function round(parts: Parts, at: number): Promise<Round> {
  const { catalogue, image, lab, provisioner, sets, workers } = parts;
  const plan = provisioner.planOf({ assets: sets.first });
  const { assetSet } = plan;
  const start = performance.now();
  await provisioner.rollOut(plan);
  await workers.rollOut({ assetSet, catalogue, image, tried: [] });
  const isLabelled = async () => (await provisioner.seen()).label === assetSet;
  await eventually("the node is proven", isLabelled, 120);
  const proven = performance.now();
  const worker = await readyWorker(parts);
  const ready = performance.now();
  const memory = await memoryOf(parts, worker);
  await removed(lab, workers.daemonSet);
  const bare = await bareSeconds(parts, worker, at);
  await removed(lab, provisioner.daemonSet);
  return { proven: (proven - start) / 1000, ready: (ready - proven) / 1000, bare, memory };
}

async function readyWorker({ workers }: Parts): Promise<any> {
  const find = async () => {
    const pod = await workers.pod();
    return pod !== undefined && workers.isReady(pod) && pod;
  };
  return eventually("a worker is ready", find, 120);
}

/** The worker's container as it was, in a pod that has nothing else: no hold, no verification, no network of its guest. */
async function bareSeconds({ lab, workers }: Parts, worker: any, at: number): Promise<number> {
  const { metadata, spec } = worker;
  const [container] = spec.containers;
  const assets = container.volumeMounts.find(({ name }: any) => name === "assets").mountPath;
  // QEMU's own network and no pipes: nobody made the others.
  const script = `mkfifo "$KVM_FABRIC_RUN/monitor.in" "$KVM_FABRIC_RUN/monitor.out"; exec "$@"`;
  const command = container.command.map((word: string) => word.replace(/^tap,.*/, "user,id=net"));
  const pod = {
    ...{ apiVersion: "v1", kind: "Pod" },
    metadata: { name: `bare-${at}`, namespace: metadata.namespace },
    spec: {
      ...spec,
      initContainers: [],
      containers: [
        { ...container, command: ["/bin/sh", "-c", script, "sh", ...command], lifecycle: {} },
      ],
    },
  };
  const start = performance.now();
  await lab.client.create(pod);
  const { name, namespace } = pod.metadata;
  const id = { apiVersion: "v1", kind: "Pod", name, namespace };
  const isReady = async () => workers.isReady(await lab.client.get(id));
  await eventually(`a pod with ${assets} alone is ready`, isReady, 120);
  const seconds = (performance.now() - start) / 1000;
  await removed(lab, pod);
  return seconds;
}

async function memoryOf({ provisioner, workers }: Parts, worker: any) {
  const of = async (container: string) =>
    memoryIn(await workers.run(worker, READ_MEMORY, container)).peak;
  return {
    report: (await provisioner.memory("report")).peak,
    provision: (await provisioner.memory("provision")).peak,
    hold: await of("hold"),
    worker: await of("worker"),
  };
}

async function removed({ client }: OwnLab, object: any): Promise<void> {
  await client.remove(object, { propagation: "Foreground" });
  await eventually("it is gone", async () => (await client.find(object)) === undefined, 120);
}

function print(rounds: Round[]): void {
  const least = (value: (one: Round) => number) => Math.min(...rounds.map(value));
  const bare = least((one) => one.bare);
  const rows: [string, number][] = [
    ["bare pod, created to ready (baseline)", bare],
    ["node proven to worker ready", least(({ ready }) => ready)],
    ["node ready to proven", least(({ proven }) => proven)],
    ["node ready to worker ready", least(({ proven, ready }) => proven + ready)],
  ];
  console.log(`\nworker-ready: a real node, guests under TCG, the least of ${ROUNDS} rounds\n`);
  console.log("| what | seconds | to baseline |\n|---|---|---|");
  for (const [what, seconds] of rows) {
    console.log(`| ${what} | ${seconds.toFixed(2)} | ${(seconds / bare).toFixed(2)} |`);
  }
  const names = Object.keys(rounds[0]?.memory ?? {});
  const most = (name: string) => Math.max(...rounds.map(({ memory }) => memory[name] ?? 0));
  console.log(`\nmemory, at most: ${names.map((name) => `${name} ${most(name)} MiB`).join(", ")}`);
}
