import type { Deployment } from "../../support/deploy";
import { reveal } from "../../support/deploy";
import type { Recorded } from "./rules";

/** A file that a step of a host writes. */
export interface WrittenFile {
  mode: string;
  path: string;
  content: string;
}

// A word of POSIX shell that is made of quoted parts and escaped characters.
const WORD = String.raw`(?:'[^']*'|\\[\s\S])+`;

function unquoted(word: string): string {
  const parts = word.match(/'[^']*'|\\[\s\S]/g) ?? [];
  return parts.map((part) => (part.startsWith("'") ? part.slice(1, -1) : part.slice(1))).join("");
}

/** The files of one step, read off its command as the host's shell would; those from standard input have no content. */
export function writtenFiles(command: string): WrittenFile[] {
  const script = unquoted(command.slice(command.indexOf("'")));
  const plain = [...script.matchAll(new RegExp(`^put (\\d+) (\\S+) (${WORD})$`, "gm"))];
  const secret = [...script.matchAll(/^put_(?:secret|decoded) (\d+) (\S+)$/gm)];
  return [...plain, ...secret].map(([, mode = "", path = "", word = ""]) => ({
    mode,
    path,
    content: unquoted(word),
  }));
}

const argumentsIn = (list: readonly string[] = []) =>
  Object.fromEntries(list.map((entry) => [...entry.split(/=(.*)/s), ""].slice(0, 2)));
const extraArgs = (list: readonly { name: string; value: string }[] = []) =>
  Object.fromEntries(list.map(({ name, value }) => [name, value]));

/** What a host's steps make of it: settings and arguments of its programs, by their names. */
function hostInputs(files: readonly WrittenFile[]): object {
  const named = (end: string) => files.find(({ path }) => path.endsWith(end))?.content;
  const json = (end: string) => JSON.parse(named(end) ?? "{}");
  const config = json("/k3s/config.yaml");
  const [, cluster, kubelet] = (named("/cluster.yaml") ?? "{}\n---\n{}\n---\n{}")
    .split("---\n")
    .map((text) => JSON.parse(text));
  const sysctls = (named("/90-kvm-fabric.conf") ?? "").trim().split("\n");
  return {
    config,
    kubeletConfig: kubelet,
    apiServer: {
      ...argumentsIn(config["kube-apiserver-arg"]),
      ...extraArgs(cluster.apiServer?.extraArgs),
    },
    controllerManager: {
      ...argumentsIn(config["kube-controller-manager-arg"]),
      ...extraArgs(cluster.controllerManager?.extraArgs),
    },
    scheduler: extraArgs(cluster.scheduler?.extraArgs),
    kubelet: argumentsIn(config["kubelet-arg"]),
    admission: json("/kvm-fabric-admission.json"),
    audit: json("/kvm-fabric-audit-policy.json"),
    authentication: json("/authentication.json"),
    sysctls: argumentsIn(sysctls.map((line) => line.replaceAll(".", "/"))),
    // Units, programs and public halves of keys are everybody's to read.
    openFiles: files
      .filter(
        ({ mode, path }) => !/^(600|7..)$/.test(mode) && !/\.(crt|pub|service|timer)$/.test(path),
      )
      .map(({ path }) => path),
  };
}

/** The hosts of a deployment as resources of their own, by the kind of their step: `Host`, `Server`, `Agent`. */
export function recordedHosts({ resources }: Deployment, distribution: string): Recorded[] {
  return resources.flatMap(({ type, name, inputs }) => {
    const [, host = "", step = ""] = /^[^-]+-(.+)-(host|server|agent)$/.exec(name) ?? [];
    if (type !== "command:remote:Command" || step === "") return [];
    const kind = `${step.charAt(0).toUpperCase()}${step.slice(1)}`;
    const files = writtenFiles(reveal(inputs).create);
    return [{ type: `${distribution}:${kind}`, name: host, inputs: hostInputs(files) }];
  });
}
