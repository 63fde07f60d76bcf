import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { reportScript } from "../../../../../components/node-provisioner/report/script";
import { reportTemplates } from "../../../../../components/node-provisioner/report/templates";
import { nodeContract } from "../../../../../components/shared/node-contract";
import { eventually } from "../../../../support/wait";
import { ended, signalGroup, type Ended } from "../script/ended";

export const contract = nodeContract();
export const SET = "assets-11111111111111111111";
export const OLD_SET = "assets-00000000000000000000";

/**
 * An API server in a shell script: it answers GET of what `kind` names with the file of that name, and each
 * call of a kind with the next line of `<kind>.statuses`; 200 where there is none. It writes down every call.
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
echo "$argument" >>"$API/addresses"
case $argument in
  */leases/*) kind=lease ;; */daemonsets/*) kind=daemon-set ;; */events) kind=event ;;
  */status) kind=status ;; *) kind=node ;;
esac
[ ! -f "$API/before" ] || . "$API/before"
list=$kind; [ "$method" = GET ] || list=$kind-writes
status=$(sed -n 1p "$API/$list.statuses" 2>/dev/null) && sed -i 1d "$API/$list.statuses" 2>/dev/null
if [ "$method" = GET ]; then
  cp "$API/$kind" "$output"
  echo "GET $kind" >>"$API/calls"
else
  printf '%s\\n' "$method $kind \${status:-200} $type $(cat "$data")" >>"$API/calls"
  printf 'message: because\\n' >"$output"
fi
printf '%s' "\${status:-200}"
`;

/** What the fake API server answers with. */
export interface Served {
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  taints?: object[];
  conditions?: object[];
  lease?: object;
  daemonSet?: unknown;
  /** Statuses of the next calls, by kind: `node`, `lease`, `daemon-set`, or `node-writes` and so on. */
  statuses?: Record<string, number[]>;
}

/** One call that the script made. */
export interface Call {
  method: string;
  kind: string;
  status?: number;
  type?: string;
  body?: any;
}

/** The `report` container beside a `provision` container that the test plays. */
export interface Stage {
  root: string;
  serve: (served: Served) => void;
  /** Puts a program before those of the machine. */
  program: (name: string, code: string) => void;
  /** What `provision` says. */
  say: (phase: string, rest?: Record<string, string>) => void;
  /** Starts the script. */
  start: (extra?: Record<string, string>) => void;
  /** Ends it as a kubelet does, by a signal to the shell alone. */
  stop: () => Promise<Ended>;
  calls: () => Call[];
  writes: () => Call[];
  /** Every address that was called, once. */
  addresses: () => string[];
  /** A file of the folder that both containers share. */
  state: (name: string) => string | undefined;
  until: (what: string, holds: () => boolean) => Promise<void>;
  /** Waits until the script says that the node is open. */
  reported: () => Promise<void>;
  /** Waits for so many passes of the script over what is to be done. */
  passes: (number: number) => Promise<void>;
  remove: () => Promise<void>;
}

const STARTUP_TAINT = { key: contract.startupTaint, effect: "NoSchedule" };
/** The taints of a node that its pool made. */
export const TAINTS = [
  { key: contract.workerTaint, value: "true", effect: "NoSchedule" },
  STARTUP_TAINT,
];

/** Our condition as the API server sends it. */
export const condition = (status: string, reason: string) => ({
  lastHeartbeatTime: "2026-01-01T00:00:00Z",
  lastTransitionTime: "2026-01-01T00:00:00Z",
  message: "as it was: told",
  reason,
  status,
  type: "KvmFabricReady",
});

export const KUBELETS = { ...condition("True", "KubeletReady"), type: "Ready" };

export function reportStage(): Stage {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "report-"));
  const at = (...names: string[]) => path.join(root, ...names);
  for (const folder of ["bin", "files", "state", "work", "api"]) fs.mkdirSync(at(folder));
  fs.writeFileSync(at("bin/curl"), FAKE_API, { mode: 0o755 });
  // Each pass that has nothing to do, or has failed, ends in a sleep.
  fs.writeFileSync(at("bin/sleep"), `#!/bin/sh\nprintf x >>"$API/passes"\nexec /bin/sleep 0.02\n`, {
    mode: 0o755,
  });
  fs.writeFileSync(at("api/token"), "first-token");
  const files = { ...reportTemplates(contract), "report.sh": reportScript() };
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(at("files", name), text);
  const read = (...names: string[]): string | undefined =>
    fs.existsSync(at(...names)) ? fs.readFileSync(at(...names), "utf8").trimEnd() : undefined;
  const passed = () => (read("api/passes") ?? "").length;
  const write = (name: string, text: string) => {
    fs.writeFileSync(at(`${name}.new`), text);
    fs.renameSync(at(`${name}.new`), at(name));
  };
  let running: { child: ChildProcess; end: Promise<Ended> } | undefined;
  const stage: Stage = {
    root,
    program: (name, code) => {
      fs.writeFileSync(at("bin", name), `#!/bin/sh\n${code}\n`, { mode: 0o755 });
    },
    serve: (served) => {
      for (const [name, text] of Object.entries(answers(served)))
        write(path.join("api", name), text);
    },
    say: (phase, rest = {}) => {
      const lines = Object.entries({ phase, assetSet: SET, reason: "", message: "", ...rest });
      write("state/status", lines.map(([key, value]) => `${key}=${value}\n`).join(""));
    },
    start: (extra = {}) => {
      const env = { ...environment(root), ...extra };
      const child = spawn("sh", [at("files/report.sh")], { env, detached: true });
      running = { child, end: ended(child) };
    },
    stop: async () => {
      if (!running) throw new Error("nothing runs");
      running.child.kill("SIGTERM");
      const end = await running.end;
      running = undefined;
      return end;
    },
    calls: () =>
      (read("api/calls") ?? "")
        .split("\n")
        .filter(Boolean)
        .map((line) => {
          const [method = "", kind = "", status, type, ...body] = line.split(" ");
          if (status === undefined) return { method, kind };
          return { method, kind, status: Number(status), type, body: JSON.parse(body.join(" ")) };
        }),
    addresses: () => [...new Set((read("api/addresses") ?? "").split("\n"))],
    writes: () => stage.calls().filter(({ method }) => method !== "GET"),
    state: (name) => read("state", name),
    until: async (what, holds) => {
      await eventually(what, holds).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${JSON.stringify(stage.calls())}`, { cause: error });
      });
    },
    reported: () => stage.until("it is reported", () => stage.state("reported") !== undefined),
    passes: async (number) => {
      const wanted = passed() + number;
      await stage.until(`${String(number)} passes`, () => passed() >= wanted);
    },
    remove: async () => {
      if (running) {
        signalGroup(running.child, "SIGKILL");
        await running.end;
      }
      fs.rmSync(root, { recursive: true, force: true });
    },
  };
  stage.serve({});
  return stage;
}

function answers(served: Served): Record<string, string> {
  const yaml = (object: unknown) => stringify(object, { indentSeq: false });
  const { labels = { a: "b" }, taints = TAINTS, conditions = [KUBELETS] } = served;
  const { annotations = { note: "labels:" } } = served;
  const metadata = {
    annotations,
    labels,
    name: "kvm-1",
    resourceVersion: "5",
  };
  const { daemonSet = { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "p" } } } =
    served;
  const statuses = Object.entries(served.statuses ?? {}).map(([kind, list]) => [
    `${kind}.statuses`,
    list.map((status) => `${String(status)}\n`).join(""),
  ]);
  return {
    node: yaml({
      apiVersion: "v1",
      kind: "Node",
      metadata,
      spec: { taints },
      status: { conditions },
    }),
    "daemon-set": typeof daemonSet === "string" ? daemonSet : yaml(daemonSet),
    lease: yaml(served.lease ?? lease({})),
    ...Object.fromEntries(statuses),
  };
}

/** The Lease of the asset set as the API server sends it. */
export function lease(spec: { holderIdentity?: string }, verdict: Record<string, string> = {}) {
  const annotations = Object.fromEntries(
    Object.entries(verdict).map(([key, value]) => [`${contract.domain}/${key}`, value]),
  );
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { annotations, name: "p-set", namespace: "agents", resourceVersion: "77" },
    spec,
  };
}

function environment(root: string): Record<string, string> {
  const at = (name: string) => path.join(root, name);
  return {
    PATH: `${at("bin")}:${process.env.PATH ?? ""}`,
    API: at("api"),
    FILES: at("files"),
    STATE: at("state"),
    WORK: at("work"),
    TOKEN_DIR: at("api"),
    NAMESPACE: "agents",
    NODE_NAME: "kvm-1",
    KUBERNETES_SERVICE_HOST: "10.0.0.1",
    KUBERNETES_SERVICE_PORT: "443",
    KVM_FABRIC_ASSET_SET: SET,
    KVM_FABRIC_ASSETS_LABEL: contract.assetsLabel,
    KVM_FABRIC_CONDITION: "KvmFabricReady",
    KVM_FABRIC_DAEMON_SET: "p",
    KVM_FABRIC_DOMAIN: contract.domain,
    KVM_FABRIC_LEASE: "",
    KVM_FABRIC_LEASE_SECONDS: "300",
    KVM_FABRIC_LOOK_SECONDS: "300",
    KVM_FABRIC_MOST_DELAY_SECONDS: "2",
    KVM_FABRIC_PAUSED: "false",
    KVM_FABRIC_STARTUP_TAINT: contract.startupTaint,
    KVM_FABRIC_TICK_SECONDS: "2",
  };
}
