import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { repository } from "../../../lab/commands/child";
import type { KubeClient } from "../../../lab/kube/client";
import { fieldAt, isRecord } from "../../../lab/kube/objects";
import { prepareMachines } from "../../../lab/stack/stack-machines";
import { eventually } from "../../support/wait";

/** The configuration of an example's stack, from its own file. */
export type Settings = Record<string, unknown>;

/** The stacks of an example, by their files. */
export function stacksOf(example: string): string[] {
  const files = fs.readdirSync(path.join(repository, "examples", example));
  return files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
}

/** What a stack's file says. */
export function settingsOf(example: string, stack: string): Settings {
  const file = path.join(repository, "examples", example, `Pulumi.${stack}.yaml`);
  return parse(fs.readFileSync(file, "utf8")).config;
}

/**
 * Makes the machines that the file of aetherium's stack on one's own machines names, as the lab does for the repository's
 * own program, and answers with what cannot be as the file says: the address of the API, the sums of k3s and the key.
 */
export async function machinesFor(state: string, stack: string, given: Settings) {
  const of = (key: string) => given[`aetherium:${key}`];
  const cluster = { api: of("api"), hosts: of("servers"), release: of("release") };
  const bareMetal = { cluster, pools: { kvm: { hosts: of("kvmHosts") } } };
  const fabric = { target: "bare-metal", bareMetal };
  const prepared = await prepareMachines(state, stack, { config: { "kvm-fabric:fabric": fabric } });
  const { config } = prepared.settings;
  const fitted = fieldAt(config?.["kvm-fabric:fabric"], "bareMetal", "cluster");
  return {
    ...given,
    "aetherium:api": fieldAt(fitted, "api"),
    "aetherium:release": fieldAt(fitted, "release"),
    "aetherium:sshKey": config?.["kvm-fabric:sshPrivateKey"],
  };
}

/**
 * What CloudNativePG's operator, which no lab runs, says of a database that it has brought up; waits for the database, which
 * an update makes at the same time.
 */
export async function playDatabase(client: KubeClient, namespace: string, name: string) {
  const cluster = { apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster", namespace, name };
  const isThere = async () => (await client.find(cluster)) !== undefined;
  await eventually("the database's Cluster", isThere, 800);
  const ready = {
    ...{ type: "Ready", status: "True", reason: "ClusterIsReady", message: "played by a test" },
    lastTransitionTime: new Date().toISOString(),
  };
  await client.patch(cluster, { status: { conditions: [ready] } }, { subresource: "status" });
}

/** How many pods an object that runs some wants, and how many are ready, by the kind's own fields. */
const COUNTS: Readonly<Record<string, [ready: string, wanted: string]>> = {
  DaemonSet: ["numberReady", "desiredNumberScheduled"],
  Deployment: ["readyReplicas", "replicas"],
  StatefulSet: ["readyReplicas", "replicas"],
};

/** What runs pods in the namespaces that begin so, as in `Deployment aetherium/aetherium-api-gateway 3 of 3`, sorted. */
export async function workloads(client: KubeClient, prefix: string): Promise<string[]> {
  const lists = await Promise.all(
    Object.entries(COUNTS).map(async ([kind, [ready, wanted]]) => {
      const objects = await client.list("apps/v1", kind);
      return objects
        .filter(({ metadata }) => metadata.namespace?.startsWith(prefix))
        .map(({ metadata, ...object }) => {
          const status = fieldAt(object, "status");
          const [one, all] = [ready, wanted].map((field) => numberAt(status, field));
          return `${kind} ${metadata.namespace ?? ""}/${metadata.name ?? ""} ${one} of ${all}`;
        });
    }),
  );
  return lists.flat().sort();
}

function numberAt(status: unknown, field: string): string {
  const value = isRecord(status) ? status[field] : undefined;
  return typeof value === "number" ? String(value) : "0";
}
