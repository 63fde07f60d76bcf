import { ApiGateway } from "../../../components/api-gateway/api-gateway";
import type { ApiGatewayArgs } from "../../../components/api-gateway/args";
import { bringDefinitions } from "../../support/definitions";
import { withLab } from "../../support/lab";
import { everything, exposed, least, traefik } from "../../unit/components/api-gateway/arguments";
import { objectsOf, podsOf } from "../consul/objects";
import { RELEASES } from "./definitions";

const lab = withLab();
let namespace: string;
beforeAll(async () => {
  await bringDefinitions(lab.client, RELEASES);
  namespace = await lab.namespace({ "pod-security.kubernetes.io/enforce": "restricted" });
  // Admission looks a pod's ServiceAccount up.
  await lab.client.create({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "gateway", namespace },
  });
});

// The Prometheus operator's module cannot be had: its ServiceMonitor is checked by the component's tests alone.
const all = {
  ...everything,
  metrics: { scrapers: [{ namespace: "monitoring" }] },
  priorityClassName: "system-cluster-critical",
};
const limits = { requestsPerSecond: 20, bodyKib: 1024 };
const tls = { clusterIssuer: "letsencrypt" };

const variants: [string, Partial<ApiGatewayArgs>, string[]][] = [
  ["with the least arguments", {}, []],
  ["with every argument, behind Traefik's Ingress", all, ["Ingress", "Middleware", "Middleware"]],
  [
    "behind nginx's Ingress",
    { ...exposed, ingress: { className: "nginx", tls }, limits },
    ["Ingress"],
  ],
  [
    "behind a Gateway of its own, held by Envoy Gateway",
    { ...exposed, gateway: { className: "eg", controller: "envoy-gateway", tls }, limits },
    ["BackendTrafficPolicy", "Gateway", "HTTPRoute"],
  ],
  [
    "behind somebody's Gateway, held by Traefik",
    { ...exposed, gateway: { parent: { name: "edge" }, controller: "traefik" }, limits },
    ["HTTPRoute", "Middleware", "Middleware"],
  ],
];

const objects = (args: Partial<ApiGatewayArgs>) =>
  objectsOf(() => void new ApiGateway("gateway", { ...least, namespace, ...args }));

// Unknown fields are refused, which the API server would otherwise drop without a word.
const strict = { dryRun: true, query: { fieldValidation: "Strict" } };

const EDGE = /^(Ingress|Gateway|HTTPRoute|Middleware|BackendTrafficPolicy)$/;

test.each(variants)("the API server takes every object as it is: %s", async (_, args, edge) => {
  const made = (await objects(args)).filter(({ kind }) => kind !== "ServiceAccount");
  for (const object of made) await lab.client.create(object, strict);
  const kinds = made.map(({ kind }) => kind);
  expect(kinds.filter((kind) => EDGE.test(kind)).sort()).toEqual(edge);
});

test.each(variants.slice(0, 2))(
  "Pod Security admits its pods at `restricted`: %s",
  async (_, args) => {
    const pods = (await objects(args)).flatMap(podsOf);
    expect(pods).toHaveLength(1);
    for (const pod of pods) await lab.client.create(pod, strict);
  },
);

test("the definitions are in force: a limit that they do not know is refused", async () => {
  const spec = { rateLimit: { averge: 1 } };
  const metadata = { name: "gateway-rate", namespace };
  const middleware = { apiVersion: "traefik.io/v1alpha1", kind: "Middleware", metadata, spec };
  await expect(lab.client.create(middleware, strict)).rejects.toThrow(/unknown field.*averge/);
  const args = {
    ...exposed,
    gateway: { className: "eg", tls, controller: "envoy-gateway" },
    limits,
  };
  const made: any[] = await objects(args as Partial<ApiGatewayArgs>);
  const policy = made.find(({ kind }) => kind === "BackendTrafficPolicy");
  policy.spec.rateLimit.local.rules[0].limit.unit = "Fortnight";
  await expect(lab.client.create(policy, strict)).rejects.toThrow(/Unsupported value: "Fortnight"/);
});

test("the level is in force: a pod that may run as root is refused", async () => {
  const [pod]: any[] = (await objects({})).flatMap(podsOf);
  delete pod.spec.securityContext.runAsNonRoot;
  await expect(lab.client.create(pod, strict)).rejects.toThrow(/runAsNonRoot/);
});

const replicasAfterScaling = async (args: Partial<ApiGatewayArgs>) => {
  const apart = await lab.namespace();
  const [deployment] = (
    await objectsOf(() => {
      new ApiGateway("gateway", {
        ...least,
        namespace: apart,
        ingress: traefik,
        ...exposed,
        ...args,
      });
    })
  ).filter(({ kind }) => kind === "Deployment");
  if (!deployment) throw new Error("no Deployment");
  // As the provider writes it: server-side, as one manager. Then the autoscaler, as another, by the part that is its own.
  const up = () => lab.client.apply(deployment, { force: true });
  await up();
  const scale = { subresource: "scale", fieldManager: "autoscaler" };
  await lab.client.patch(deployment, { spec: { replicas: 7 } }, scale);
  const after: any = await up();
  return after.spec.replicas;
};

test("an `up` leaves the number of pods to the autoscaler, and sets a fixed one back", async () => {
  expect(await replicasAfterScaling({ autoscaling: { maxReplicas: 9 } })).toBe(7);
  expect(await replicasAfterScaling({ replicas: 2 })).toBe(2);
});
