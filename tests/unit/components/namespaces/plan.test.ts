import { Zone } from "../../../../components/namespaces/flows";
import type { NamespacesArgs } from "../../../../components/namespaces/namespaces";
import { planNamespaces } from "../../../../components/namespaces/plan";

interface Pod {
  zone: "agents" | "services";
  labels: Record<string, string>;
}

const pod = (zone: Pod["zone"], app: string, component?: string): Pod => ({
  zone,
  labels: {
    "app.kubernetes.io/name": app,
    ...(component && { "app.kubernetes.io/component": component }),
  },
});
const pods: Record<string, Pod> = {
  provisioner: pod("agents", "node-provisioner"),
  worker: pod("agents", "worker"),
  server: pod("services", "consul", "server"),
  acl: pod("services", "consul", "acl"),
  snapshot: pod("services", "consul", "snapshot"),
  stranger: pod("services", "stranger"),
  agent: pod("agents", "stranger"),
};

function policiesOf(args: NamespacesArgs = {}) {
  const answer = planNamespaces("f", args);
  if (!answer.ok) throw new Error(JSON.stringify(answer.faults));
  return answer.plan.policies;
}

const selects = (selector: any, labels: Record<string, string>) =>
  Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value);

/** What Kubernetes says of policies: once one selects a pod for a direction, only what one allows passes. */
function passes(policies: any[], from: Pod, to: Pod, port: string): boolean {
  const direction = (self: Pod, other: Pod, type: string, rules: string, ends: string) => {
    const mine = policies.filter(
      ({ zone, spec }) =>
        zone === self.zone &&
        spec.policyTypes.includes(type) &&
        selects(spec.podSelector, self.labels),
    );
    if (mine.length === 0) return true;
    return mine.some(({ spec }) =>
      (spec[rules] ?? []).some(
        (rule: any) =>
          rule.ports.some((allowed: any) => `${allowed.port}/${allowed.protocol}` === port) &&
          rule[ends].some(
            (peer: any) =>
              peer.podSelector &&
              selects(peer.namespaceSelector, {
                "kubernetes.io/metadata.name": `f-${other.zone}`,
              }) &&
              selects(peer.podSelector, other.labels),
          ),
      ),
    );
  };
  return (
    direction(from, to, "Egress", "egress", "to") &&
    direction(to, from, "Ingress", "ingress", "from")
  );
}

test("between all pairs of pods and ports exactly the flows that exist pass", () => {
  const policies = policiesOf();
  const ports = [
    "53/UDP",
    "443/TCP",
    "8081/TCP",
    "8300/TCP",
    "8301/TCP",
    "8301/UDP",
    "8500/TCP",
    "8501/TCP",
  ];
  const edges = Object.entries(pods).flatMap(([from, source]) =>
    Object.entries(pods).flatMap(([to, target]) =>
      ports
        .filter((port) => passes(policies, source, target, port))
        .map((port) => `${from} -> ${to} ${port}`),
    ),
  );
  expect(edges.sort()).toEqual(
    [
      "acl -> server 8501/TCP",
      "server -> server 8300/TCP",
      "server -> server 8301/TCP",
      "server -> server 8301/UDP",
      "server -> worker 8081/TCP",
      "snapshot -> server 8501/TCP",
      "worker -> server 8501/TCP",
    ].sort(),
  );
});

test("blocks that hold every address leave the metadata service out", () => {
  const blocks = JSON.stringify(policiesOf()).match(/"cidr":"(0\.0\.0\.0|::)\/0"[^}]*/g) ?? [];
  expect(blocks).toHaveLength(4);
  for (const block of blocks)
    expect(block).toMatch(/"except":\["(169\.254\.169\.254\/32|fd00:ec2::254\/128)"\]/);
});

test("workers in their node's network reach Consul only where the nodes' addresses are given", () => {
  const server = (args: NamespacesArgs) =>
    JSON.stringify(
      policiesOf(args).find(({ suffix }) => suffix === "services-allow-consul-server"),
    );
  expect(server({})).not.toContain("ipBlock");
  expect(server({ nodeCidrs: ["10.1.0.0/16"] })).toContain('"ipBlock":{"cidr":"10.1.0.0/16"}');
});

const pods80 = {
  from: { zone: Zone.Services },
  to: { cidrs: ["10.0.0.0/8"] },
  ports: [{ port: 80 }],
};
const faults: [string, any, string[]][] = [
  ["one namespace for both", { agents: "x", services: "x" }, ["services"]],
  ["a namespace of Kubernetes", { agents: "kube-system" }, ["agents"]],
  ["a bad name", { services: "A_b" }, ["services"]],
  ["a bad version", { podSecurityVersion: "1.30" }, ["podSecurityVersion"]],
  [
    "a bad block",
    { nodeCidrs: ["10.0.0.0", "10.0.0.0/33", "fd00::/64"] },
    ["nodeCidrs[0]", "nodeCidrs[1]"],
  ],
  [
    "a bad API server",
    { apiServer: { cidrs: ["x"], ports: [0] } },
    ["apiServer.cidrs[0]", "apiServer.ports[0]"],
  ],
  ["no port", { flows: [{ ...pods80, ports: [] }] }, ["flows[0].ports"]],
  [
    "a bad port",
    { flows: [{ ...pods80, ports: [{ port: 70000, protocol: "ICMP" }] }] },
    ["flows[0].ports[0]", "flows[0].ports[0].protocol"],
  ],
  ["no end", { flows: [{ ...pods80, to: {} }] }, ["flows[0].to"]],
  [
    "an end of two kinds",
    { flows: [{ ...pods80, to: { zone: "agents", cidrs: [] } }] },
    ["flows[0].to"],
  ],
  ["an unknown zone", { flows: [{ ...pods80, from: { zone: "x" } }] }, ["flows[0].from.zone"]],
  [
    "a component without its app",
    { flows: [{ ...pods80, from: { zone: "agents", component: "x" } }] },
    ["flows[0].from.app"],
  ],
  [
    "addresses at both ends",
    { flows: [{ ...pods80, from: { cidrs: ["10.0.0.0/8"] } }] },
    ["flows[0]"],
  ],
];

test.each(faults)("%s is a fault", (_case, args, expected) => {
  const answer = planNamespaces("f", args);
  expect(answer.ok ? [] : answer.faults.map(({ path }) => path)).toEqual(expected);
});

test("all faults are reported at once", () => {
  const args = { agents: "default", podSecurityVersion: "x", nodeCidrs: ["x"] };
  const answer = planNamespaces("F", args);
  expect(answer.ok ? [] : answer.faults.map(({ path }) => path)).toEqual([
    "name",
    "agents",
    "podSecurityVersion",
    "nodeCidrs[0]",
  ]);
});
