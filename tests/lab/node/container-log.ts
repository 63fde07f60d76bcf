import * as fs from "node:fs";
import * as path from "node:path";
import { type KubeObject, textAt } from "../../../lab/kube/objects";
import { machineFolder } from "../../../lab/node/machine";
import { eventually } from "../../support/wait";
import { containerOf } from "./containers";

/** What a container of a real node says. */
export interface ContainerLog {
  /** All that it has said. */
  text(): string;
  /** Waits until it has said something; fails with all that it has said. */
  says(pattern: RegExp): Promise<void>;
}

/**
 * Opens the log of a pod's container as it lies on its node. What the kubelet streams may end before the last words of a
 * container that goes; a file that is open can be read to its end, even when it is removed with its container.
 */
export function openLog(state: string, pod: KubeObject, container: string): ContainerLog {
  const { name = "", namespace = "", uid = "" } = pod.metadata;
  const node = textAt(pod, "spec", "nodeName") ?? "";
  const folder = `${namespace}_${name}_${uid}`;
  const run = `${containerOf(pod, container)?.restarts ?? 0}.log`;
  const file = path.join(machineFolder(state, node), "var/log/pods", folder, container, run);
  // Open for as long as the test's process lives.
  const log = fs.openSync(file, "r");
  const text = () => plain(readAll(log));
  return {
    text,
    async says(pattern) {
      const isSaid = () => Promise.resolve(pattern.test(text()));
      await eventually(`${container} says ${String(pattern)}`, isSaid).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${text()}`, { cause: error });
      });
    },
  };
}

function readAll(log: number): string {
  const content = Buffer.alloc(fs.fstatSync(log).size);
  const length = fs.readSync(log, content, 0, content.length, 0);
  return content.toString("utf8", 0, length);
}

/** The file has a time, a stream and a tag before each line; a line that is not its last part is tagged with P. */
function plain(log: string): string {
  const lines = log.matchAll(/^\S+ std(?:out|err) ([FP]) ([^\n]*)\n/gm);
  return [...lines].map(([, tag, said = ""]) => (tag === "P" ? said : `${said}\n`)).join("");
}
