import { parse } from "yaml";
import { isProperties } from "../../../grpc/wire";
import type { NodeTaint } from "../../effects";
import { textAt, valueAt, valuesAt } from "../paths";

/** What a machine of EKS learns from its user data. */
export interface BootData {
  clusterName: string;
  endpoint: string;
  /** PEM in base64. */
  certificateAuthority: string;
  labels: Record<string, string>;
  taints: NodeTaint[];
}

/**
 * Reads user data as nodeadm on Amazon Linux 2023 does: MIME parts, or the document alone; NodeConfig documents are
 * merged, the later one wins. Bottlerocket's TOML is read for the same facts.
 * Source: https://awslabs.github.io/amazon-eks-ami/nodeadm/doc/api/
 */
export function bootData(userData: string): BootData {
  const text = Buffer.from(userData, "base64").toString("utf8");
  const data: BootData = {
    clusterName: "",
    endpoint: "",
    certificateAuthority: "",
    labels: {},
    taints: [],
  };
  if (/^\[settings\.kubernetes/m.test(text)) return bottlerocket(text, data);
  for (const document of nodeConfigs(text)) merge(data, document);
  return data;
}

function nodeConfigs(text: string): unknown[] {
  return partsOf(text)
    .filter(
      ({ type, body }) =>
        type === "application/node.eks.aws" || /kind"?:\s*"?NodeConfig/.test(body),
    )
    .flatMap(({ body }) => body.split(/^---$/m))
    .map((body): unknown => parse(body))
    .filter((document) => textAt(document, "kind") === "NodeConfig");
}

function partsOf(text: string): { type: string; body: string }[] {
  const boundary = /boundary="?([^"\r\n;]+)"?/i.exec(text)?.[1];
  if (boundary === undefined) return [{ type: "", body: text }];
  return text
    .split(`--${boundary}`)
    .slice(1)
    .map((part) => {
      const [head = "", ...body] = part.replace(/^\r?\n/, "").split(/\r?\n\r?\n/);
      const type = /content-type:\s*([^;\s]+)/i.exec(head)?.[1] ?? "";
      const decoded = body.join("\n\n");
      const isBase64 = /content-transfer-encoding:\s*base64/i.test(head);
      return { type, body: isBase64 ? Buffer.from(decoded, "base64").toString("utf8") : decoded };
    });
}

function merge(data: BootData, document: unknown): void {
  data.clusterName = textAt(document, "spec.cluster.name") || data.clusterName;
  data.endpoint = textAt(document, "spec.cluster.apiServerEndpoint") || data.endpoint;
  data.certificateAuthority =
    textAt(document, "spec.cluster.certificateAuthority") || data.certificateAuthority;
  for (const flag of valuesAt(document, "spec.kubelet.flags[*]")) {
    const [, name = "", value = ""] = /^(--[\w-]+)=(.*)$/.exec(String(flag)) ?? [];
    if (name === "--node-labels") Object.assign(data.labels, labelsIn(value));
    if (name === "--register-with-taints") data.taints.push(...taintsIn(value));
  }
  for (const taint of valuesAt(document, "spec.kubelet.config.registerWithTaints[*]")) {
    const [key, value, effect] = ["key", "value", "effect"].map((name) => textAt(taint, name));
    data.taints.push({ key: key ?? "", value: value ?? "", effect: effect ?? "" });
  }
}

function labelsIn(text: string): Record<string, string> {
  const pairs = text.split(",").map((pair) => pair.split("="));
  return Object.fromEntries(pairs.map(([key = "", value = ""]) => [key, value]));
}

function taintsIn(text: string): NodeTaint[] {
  return text.split(",").map((taint) => {
    const [, key = "", value = "", effect = ""] = /^([^=:]+)=?([^:]*):(.*)$/.exec(taint) ?? [];
    return { key, value, effect };
  });
}

// Only what concerns the cluster, labels and taints: `key = "value"` under a [settings.kubernetes...] heading.
function bottlerocket(text: string, data: BootData): BootData {
  const tables = text.split(/^\[/m).map((table) => {
    const [heading = "", ...lines] = table.split("\n");
    return { heading: heading.replace(/\].*$/, ""), lines };
  });
  const entries = tables.flatMap(({ heading, lines }) =>
    lines.flatMap((line) => {
      const [, key, value] = /^\s*"?([\w./-]+)"?\s*=\s*(.+?)\s*$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [{ heading, key, value }];
    }),
  );
  for (const { heading, key, value } of entries) {
    const parsed: unknown = parse(value);
    const [first] = Array.isArray(parsed) ? parsed.map(String) : [String(parsed)];
    if (heading === "settings.kubernetes.node-labels") data.labels[key] = first ?? "";
    if (heading === "settings.kubernetes.node-taints") {
      data.taints.push(...taintsIn(`${key}=${first ?? ""}`));
    }
    if (heading !== "settings.kubernetes") continue;
    if (key === "cluster-name") data.clusterName = first ?? "";
    if (key === "api-server") data.endpoint = first ?? "";
    if (key === "cluster-certificate") data.certificateAuthority = first ?? "";
  }
  return data;
}

/** Labels of a property that maps names to texts. */
export function labelsAt(value: unknown, path: string): Record<string, string> {
  const labels = valueAt(value, path);
  if (!isProperties(labels)) return {};
  return Object.fromEntries(Object.entries(labels).map(([key, text]) => [key, String(text)]));
}
