import * as fs from "node:fs";
import * as path from "node:path";
import { LabError } from "../../lab-error";

export const labTools = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "kwok",
  "kwokctl",
  "pulumi",
  "karpenter-kwok",
  "karpenter-crds",
] as const;

type Name = (typeof labTools)[number];

/** TODO(toolchain): ensureTools. */
export async function findTools(): Promise<Record<Name, string>> {
  const find = (name: string) => {
    const found = (process.env.PATH ?? "")
      .split(path.delimiter)
      .map((folder) => path.join(folder, name))
      .find((file) => fs.existsSync(file));
    if (found === undefined) throw new LabError(`no ${name} on PATH`);
    return found;
  };
  await Promise.resolve();
  return {
    etcd: find("etcd"),
    "kube-apiserver": find("kube-apiserver"),
    "kube-controller-manager": find("kube-controller-manager"),
    "kube-scheduler": find("kube-scheduler"),
    kubectl: find("kubectl"),
    kwok: find("kwok"),
    kwokctl: find("kwokctl"),
    pulumi: find("pulumi"),
    "karpenter-kwok": find("karpenter-kwok"),
    "karpenter-crds": find("karpenter-crds"),
  };
}
