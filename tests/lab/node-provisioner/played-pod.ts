import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { daemonSetSpec } from "../../../components/node-provisioner/manifests";
import type { ProvisionerPlan } from "../../../components/node-provisioner/plan";
import type { KubeClient } from "../../../lab/kube/client";
import {
  ended,
  signalGroup,
  type Ended,
} from "../../unit/components/node-provisioner/script/ended";
import type { PretendedHost } from "../../unit/components/node-provisioner/script/pretended-host";

/** The two containers of a provisioner pod as processes of this machine, with what their pod gives them. */
export interface PlayedPod {
  /** Ends both as a kubelet does; answers with what they said. */
  stop: () => Promise<Record<"provision" | "report", Ended>>;
  kill: () => void;
}

/** Where a pod is played: the host below it, its node, and the API server with its token. */
export interface Stand {
  host: PretendedHost;
  node: string;
  namespace: string;
  client: KubeClient;
  token: string;
}

/**
 * Starts what the DaemonSet of a plan would run, with the containers' own environments and nothing else; only
 * folders and pace are the test's.
 */
export function playPod(plan: ProvisionerPlan, stand: Stand): PlayedPod {
  const { host, client, token } = stand;
  for (const folder of [host.files, host.state, path.join(host.home, "work")]) {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder);
  }
  for (const [name, text] of Object.entries(plan.files)) {
    fs.writeFileSync(path.join(host.files, name), text);
  }
  fs.writeFileSync(path.join(host.home, "token"), token);
  fs.writeFileSync(path.join(host.home, "ca.crt"), client.config.ca ?? "");
  const children: Partial<Record<string, { child: ChildProcess; end: Promise<Ended> }>> = {};
  for (const { name, command, env } of daemonSetSpec(plan).template.spec.containers) {
    const [shell = "", file = "", ...rest] = command;
    const args = [path.join(host.files, path.basename(file)), ...rest];
    const environment = { ...given(env, stand), ...own(stand) };
    const child = spawn(shell, args, { env: environment, detached: true });
    children[name] = { child, end: ended(child) };
  }
  const { provision, report } = children;
  if (!provision || !report) throw new Error("not the two containers");
  return {
    stop: async () => {
      for (const { child } of [provision, report]) child.kill("SIGTERM");
      return { provision: await provision.end, report: await report.end };
    },
    kill: () => {
      for (const { child } of [provision, report]) signalGroup(child, "SIGKILL");
    },
  };
}

interface Variable {
  name: string;
  value?: string;
  valueFrom?: { fieldRef: { fieldPath: string } };
}

function given(env: readonly Variable[], { namespace, node }: Stand): Record<string, string> {
  const fields: Record<string, string> = {
    "metadata.namespace": namespace,
    "spec.nodeName": node,
  };
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [
      name,
      value ?? fields[valueFrom?.fieldRef.fieldPath ?? ""] ?? "",
    ]),
  );
}

function own({ host, client }: Stand): Record<string, string> {
  const server = new URL(client.config.server);
  return {
    ...host.environment(),
    WORK: path.join(host.home, "work"),
    TOKEN_DIR: host.home,
    KUBERNETES_SERVICE_HOST: server.hostname,
    KUBERNETES_SERVICE_PORT: server.port,
    CHECK_SECONDS: "1",
    BACKOFF_SECONDS: "2",
    KVM_FABRIC_TICK_SECONDS: "0.2",
    KVM_FABRIC_MOST_DELAY_SECONDS: "2",
  };
}
