import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { TaintEffect } from "../../components/shared/kvm-nodes";
import { writeAtomically } from "../atomic-file";
import type { NodeIdentity } from "./configuration";
import { machineFolder, machinesFolder } from "./machine";
import type { NodeNetwork } from "./network";

/** A real node of the lab as its record says. */
export interface NodeRecord extends NodeIdentity {
  /** Control group of its pods. */
  cgroup: string;
  network: NodeNetwork;
  /** Id of its machine's first process, as this machine counts, once it has its network. */
  init?: number | undefined;
}

const text = z.string();
const record: z.ZodType<NodeRecord> = z.object({
  name: text,
  labels: z.record(text, text),
  taints: z.array(z.object({ key: text, value: text, effect: z.enum(TaintEffect) })),
  cgroup: text,
  network: z.object({ link: text, host: text, node: text, pods: text, gateway: text }),
  init: z.number().optional(),
});

/** Keeps a node's record. */
export function writeNodeRecord(state: string, node: NodeRecord): void {
  fs.mkdirSync(machineFolder(state, node.name), { recursive: true, mode: 0o700 });
  writeAtomically(recordFile(state, node.name), `${JSON.stringify(node)}\n`);
}

/** A node's record; undefined where there is none. */
export function findNodeRecord(state: string, name: string): NodeRecord | undefined {
  const file = recordFile(state, name);
  if (!fs.existsSync(file)) return undefined;
  return record.parse(JSON.parse(fs.readFileSync(file, "utf8")));
}

/** Names of the real nodes that the lab has, running or not. */
export function nodeNames(state: string): string[] {
  const folder = machinesFolder(state);
  return fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
}

function recordFile(state: string, name: string): string {
  return path.join(machineFolder(state, name), "node.json");
}
