import type { FabricStatus, WarningStatus, WorkloadStatus } from "./read";

/** Rows of a table that are shown before the rest is only counted. */
const SHOWN_ROWS = 20;

/** The status as tables for people. Pure. */
export function showStatus(status: FabricStatus): string {
  const sections = [
    table(
      "Nodes",
      ["NAME", "READY", "KVM", "PROVEN", "SAYS", "ASSET SET", "POOL", "TAINTS"],
      status.nodes.map((node) => [
        node.name,
        yes(node.ready),
        yes(node.kvm),
        node.kvm ? yes(node.proven) : "-",
        node.said || "-",
        node.assetSet || "-",
        node.pool || "-",
        node.taints.join(", ") || "-",
      ]),
    ),
    workloads("Workers", status.workers),
    workloads("Consul", status.consul),
    workloads("Services", status.services),
    workloads("Other parts", status.others),
    table(
      "Pools",
      ["NAME", "NODES", "PROVEN", "MADE BY"],
      status.pools.map((pool) => [
        pool.name,
        String(pool.nodes),
        String(pool.proven),
        pool.karpenter ? "Karpenter" : "-",
      ]),
    ),
    warnings(status.warnings),
  ];
  return `${sections.join("\n\n")}\n`;
}

function workloads(title: string, rows: WorkloadStatus[]): string {
  return table(
    title,
    ["NAMESPACE", "KIND", "NAME", "READY"],
    rows.map(({ namespace, kind, name, ready, desired }) => [
      namespace,
      kind,
      name,
      `${String(ready)}/${String(desired)}`,
    ]),
  );
}

function warnings(rows: WarningStatus[]): string {
  return table(
    "Recent warnings",
    ["OBJECT", "REASON", "COUNT", "MESSAGE"],
    rows.map(({ object, reason, count, message }) => [
      object,
      reason,
      String(count),
      message.length > 100 ? `${message.slice(0, 97)}...` : message,
    ]),
  );
}

function table(title: string, head: string[], rows: string[][]): string {
  if (rows.length === 0) return `${title}: none`;
  const lines = [head, ...rows.slice(0, SHOWN_ROWS)];
  const widths = head.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const text = lines.map((line) =>
    `  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
  const rest = rows.length - SHOWN_ROWS;
  const more = rest > 0 ? [`  ... and ${String(rest)} more (all of them with --json)`] : [];
  return [`${title} (${String(rows.length)})`, ...text, ...more].join("\n");
}

function yes(value: boolean): string {
  return value ? "yes" : "no";
}
