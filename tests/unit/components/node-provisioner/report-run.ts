import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import type { AssetSet } from "../../../../components/node-provisioner/asset-set";
import { nodeContract } from "../../../../components/shared/node-contract";
import { ended, fakeNode, startScript, type Ended, type FakeNode } from "./script-run";

export const contract = nodeContract();

/**
 * An API server in a shell script. It answers GET of a node with the file `node`, GET of a DaemonSet with
 * the file `daemon-set`, and every call with the next line of `statuses`, or of `looks` for the DaemonSet
 * (200 where there is none). It keeps every call and its body, and runs `before` first.
 */
const FAKE_API = `#!/bin/sh
method=GET output= data= type= before=
for argument; do
  case $before in
    --request) method=$argument ;;
    --output) output=$argument ;;
    --data-binary) data=\${argument#@} ;;
    --header) case $argument in Content-Type:*) type=\${argument#Content-Type: } ;; @*) cp "\${argument#@}" "$API/authorization" ;; esac ;;
  esac
  before=$argument
done
[ ! -f "$API/before" ] || . "$API/before"
answer=node list=statuses
case $argument in */daemonsets/*) answer=daemon-set list=looks ;; esac
if [ "$method" != GET ]; then
  printf '%s %s %s\\n' "$argument" "$type" "$(cat "$data")" >>"$API/patches"
elif [ "$answer" = node ]; then
  echo get >>"$API/gets"
else
  echo "$argument" >>"$API/looked"
fi
status=$(sed -n 1p "$API/$list")
sed -i 1d "$API/$list"
cp "$API/$answer" "$output"
printf '%s' "\${status:-200}"
`;

export interface TestNode {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
  spec: { taints?: { key: string; effect: string; value?: string }[] };
}

export const fresh: TestNode = {
  metadata: { labels: { a: "b" } },
  spec: {
    taints: [
      { key: contract.workerTaint, value: "true", effect: "NoSchedule" },
      { key: contract.startupTaint, effect: "NoSchedule" },
    ],
  },
};

/** How one run of the script differs from the usual. */
export interface Run {
  /** What the calls about the node are answered with, in order; 200 after that. */
  statuses?: number[];
  /** What the calls about the DaemonSet are answered with, in order; 200 after that. */
  looks?: number[];
  /** The DaemonSet as the server sends it: an object, or any text. */
  daemonSet?: unknown;
  /** Environment beside the usual. */
  extra?: Record<string, string>;
  /** When the pod is told to end. Defaults to: once the node is reported. */
  until?: () => boolean;
}

/** A node whose proof holds, and a pretended API server. */
export interface Reporting {
  node: FakeNode;
  set: AssetSet;
  api: string;
  /** Runs the script until it fails, or has to end, which is told to the shell alone, as a kubelet does. */
  report: (seen: TestNode, run?: Run) => Promise<Ended>;
  /** A file of the API server's. */
  read: (name: string) => string;
  patches: () => { url: string; contentType: string; body: unknown }[];
}

/** The provisioner's DaemonSet as the API server sends it. */
export function daemonSet(metadata: object = {}): object {
  const spec = { template: { metadata: { labels: { a: "b" }, creationTimestamp: null } } };
  return { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { ...metadata, name: "p" }, spec };
}

/** Makes a node that is installed and proven. */
export async function reporting(): Promise<Reporting> {
  const node = fakeNode();
  const kernel = node.publish("vmlinux", "kernel");
  const set = { amd64: { kernel }, arm64: { kernel } };
  const { code, stderr } = await node.install(set);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const api = path.join(node.root, "api");
  fs.mkdirSync(api);
  fs.writeFileSync(path.join(api, "token"), "first-token");
  fs.writeFileSync(path.join(node.root, "bin/curl"), FAKE_API);
  const read = (name: string) => {
    const file = path.join(api, name);
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
  };
  return {
    ...{ node, set, api, read },
    report: async (seen, run = {}) => {
      serve(api, seen, run);
      fs.rmSync(path.join(node.work, "reported"), { force: true });
      const environment = { ...scriptEnvironment(node, set, api), ...run.extra };
      return runToEnd(path.join(node.root, "files/report.sh"), environment, () =>
        run.until ? run.until() : fs.existsSync(path.join(node.work, "reported")),
      );
    },
    patches: () =>
      read("patches")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => {
          const [url = "", contentType = "", ...body] = line.split(" ");
          return { url, contentType, body: JSON.parse(body.join(" ")) as unknown };
        }),
  };
}

function scriptEnvironment(node: FakeNode, set: AssetSet, api: string): Record<string, string> {
  return {
    ...node.environment(set),
    API: api,
    TOKEN_DIR: api,
    NAMESPACE: "agents",
    NODE_NAME: "kvm-1",
    KUBERNETES_SERVICE_HOST: "10.0.0.1",
    KUBERNETES_SERVICE_PORT: "443",
    KVM_FABRIC_ASSETS_LABEL: contract.assetsLabel,
    KVM_FABRIC_DAEMON_SET: "p",
    KVM_FABRIC_STARTUP_TAINT: contract.startupTaint,
  };
}

function serve(api: string, seen: TestNode, run: Run): void {
  const write = (name: string, content: string) => {
    fs.writeFileSync(path.join(api, name), content);
  };
  const yaml = (object: unknown) => stringify(object, { indentSeq: false });
  const lines = (list: number[] = []) => list.map((status) => `${String(status)}\n`).join("");
  const { daemonSet: served = daemonSet() } = run;
  write("node", yaml({ apiVersion: "v1", kind: "Node", ...seen }));
  write("daemon-set", typeof served === "string" ? served : yaml(served));
  write("statuses", lines(run.statuses));
  write("looks", lines(run.looks));
  for (const name of ["patches", "gets", "looked"]) {
    fs.rmSync(path.join(api, name), { force: true });
  }
}

async function runToEnd(
  file: string,
  environment: Record<string, string>,
  isTime: () => boolean,
): Promise<Ended> {
  const child = startScript(file, environment);
  const state = { open: true };
  const end = ended(child).finally(() => {
    state.open = false;
  });
  while (state.open && !isTime()) await sleep(10);
  if (state.open) child.kill("SIGTERM");
  return end;
}
