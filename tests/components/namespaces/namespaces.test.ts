import { Zone } from "../../../components/namespaces/flows";
import { Namespaces } from "../../../components/namespaces/namespaces";
import { deploy, find, tree } from "../../support/deploy";

const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const expectedTree = (name: string) =>
  [
    `kvm-fabric:index:Namespaces ${name} < stack`,
    `kubernetes:core/v1:Namespace ${name}-agents < ${name}`,
    `kubernetes:core/v1:Namespace ${name}-services < ${name}`,
    `kubernetes:core/v1:ResourceQuota ${name}-critical-pods < ${name}`,
    ...[
      "agents-default-deny",
      "agents-allow-all",
      "agents-allow-node-provisioner",
      "agents-allow-worker",
      "services-default-deny",
      "services-allow-all",
      "services-allow-consul-acl",
      "services-allow-consul-server",
      "services-allow-consul-snapshot",
    ].map((suffix) => `${policy} ${name}-${suffix} < ${name}`),
  ].sort();

test("creates exactly two closed namespaces, also in a preview", async () => {
  expect(tree(await deploy(() => new Namespaces("f", {})))).toEqual(expectedTree("f"));
  const preview = await deploy(() => new Namespaces("f", {}), { preview: true });
  expect(tree(preview)).toEqual(expectedTree("f"));
});

test("two instances live side by side", async () => {
  const deployment = await deploy(() => {
    new Namespaces("f", {});
    new Namespaces("g", {});
  });
  expect(tree(deployment)).toEqual([...expectedTree("f"), ...expectedTree("g")].sort());
  const namespaces = deployment.resources.filter(
    ({ type }) => type === "kubernetes:core/v1:Namespace",
  );
  expect(namespaces.map(({ inputs }) => inputs.metadata.name).sort()).toEqual([
    "f-agents",
    "f-services",
    "g-agents",
    "g-services",
  ]);
});

test("agents are privileged, services restricted, each pinned in all three modes", async () => {
  const deployment = await deploy(() => new Namespaces("f", { podSecurityVersion: "v1.34" }));
  const labels = (zone: string) =>
    find(deployment, "kubernetes:core/v1:Namespace", `f-${zone}`).inputs.metadata.labels;
  for (const mode of ["enforce", "audit", "warn"]) {
    const key = `pod-security.kubernetes.io/${mode}`;
    expect(labels("agents")[key]).toBe("privileged");
    expect(labels("services")[key]).toBe("restricted");
    expect(labels("agents")[`${key}-version`]).toBe("v1.34");
    expect(labels("services")[`${key}-version`]).toBe("v1.34");
  }
});

test("names given are used, policies lie in their zone's namespace, outputs are registered", async () => {
  const deployment = await deploy(() => new Namespaces("f", { agents: "nodes", services: "apps" }));
  expect(deployment.outputs.get("f")).toEqual({ agents: "nodes", services: "apps" });
  for (const { type, name, inputs } of deployment.resources) {
    if (type !== policy) continue;
    expect(inputs.metadata.namespace).toBe(name.startsWith("f-agents-") ? "nodes" : "apps");
  }
});

test("a flow of the user's own becomes a policy at both ends", async () => {
  const flows = [
    {
      from: { zone: Zone.Services, app: "gateway" },
      to: { zone: Zone.Agents, app: "worker" },
      ports: [{ port: 9000 }],
    },
  ];
  const deployment = await deploy(() => new Namespaces("f", { flows }));
  const gateway = find(deployment, policy, "f-services-allow-gateway").inputs.spec;
  expect(gateway.policyTypes).toEqual(["Egress"]);
  expect(gateway.egress[0].ports).toEqual([{ port: 9000, protocol: "TCP" }]);
  const worker = find(deployment, policy, "f-agents-allow-worker").inputs.spec;
  expect(worker.ingress.at(-1).from[0].podSelector.matchLabels).toEqual({
    "app.kubernetes.io/name": "gateway",
  });
});
