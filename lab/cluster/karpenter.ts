import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type Daemon, startDaemon } from "../daemon";
import type { KubeClient } from "../kube/client";
import { conditionOf, isKubeObject, type KubeObject } from "../kube/objects";
import { LabError } from "../lab-error";
import { instanceTypes } from "./karpenter-manifests";

/** Name of Karpenter's daemon. */
export const KARPENTER_DAEMON = "karpenter";

/** Programs of Karpenter, by absolute path. */
export interface KarpenterTools {
  "karpenter-crds": string;
  "karpenter-kwok": string;
}

/** How Karpenter is started. */
export interface KarpenterOptions {
  kubeconfig: string;
  tools: KarpenterTools;
  /** What else decides whether the one that runs is still the right one. */
  version: string;
}

const ESTABLISHED_TIMEOUT_SECONDS = 120;

const run = promisify(execFile);

/** Karpenter's own custom resource definitions: core, AWS, KWOK. */
export async function karpenterDefinitions(program: string): Promise<KubeObject[]> {
  const { stdout } = await run(program, { maxBuffer: 64 * 1024 * 1024 });
  return stdout
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line): unknown => JSON.parse(line))
    .filter(isKubeObject);
}

/** Brings definitions into the cluster and waits until the server serves them. Errors: LabError where it does not. */
export async function applyDefinitions(
  client: KubeClient,
  definitions: readonly KubeObject[],
): Promise<void> {
  await Promise.all(definitions.map((definition) => client.apply(definition, { force: true })));
  await Promise.all(definitions.map((definition) => established(client, definition)));
  client.forgetKinds();
}

/** Brings all of Karpenter's definitions into the cluster, see {@link applyDefinitions}. */
export async function applyKarpenterCrds(client: KubeClient, program: string): Promise<void> {
  await applyDefinitions(client, await karpenterDefinitions(program));
}

/**
 * Runs Karpenter's core controller with its KWOK cloud provider: pending pods that a NodePool can hold make
 * simulated nodes, which the cluster's kwok then plays. Needs its definitions in the cluster.
 */
export async function startKarpenter(state: string, options: KarpenterOptions): Promise<Daemon> {
  const types = path.join(state, "instance-types.json");
  fs.writeFileSync(types, `${JSON.stringify(instanceTypes(), undefined, 2)}\n`);
  return startDaemon(state, KARPENTER_DAEMON, [options.tools["karpenter-kwok"]], {
    env: {
      KUBECONFIG: options.kubeconfig,
      INSTANCE_TYPES_FILE_PATH: types,
      SYSTEM_NAMESPACE: "kube-system",
      DISABLE_LEADER_ELECTION: "true",
      // Any free port: nobody reads the metrics.
      METRICS_PORT: "0",
      // A batch closes this long after the last new pod; a lab waits for people and tests, not for bursts.
      BATCH_IDLE_DURATION: "500ms",
      LOG_OUTPUT_PATHS: "stderr",
    },
    portEnv: (port) => ({ HEALTH_PROBE_PORT: String(port) }),
    ready: (port) => isHealthy(port),
    version: options.version,
  });
}

async function established(client: KubeClient, definition: KubeObject): Promise<void> {
  const deadline = Date.now() + ESTABLISHED_TIMEOUT_SECONDS * 1000;
  for (;;) {
    const current = await client.get(definition);
    if (conditionOf(current, "Established")?.status === "True") return;
    if (Date.now() > deadline) {
      const name = definition.metadata.name ?? "";
      throw new LabError(`definition ${name} was not served in ${ESTABLISHED_TIMEOUT_SECONDS} s`);
    }
    await sleep(50);
  }
}

function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const call = http.get(`http://127.0.0.1:${port}/readyz`, { timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on("error", () => {
      resolve(false);
    });
    call.on("timeout", () => {
      call.destroy();
    });
  });
}
