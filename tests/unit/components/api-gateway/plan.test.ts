import fc from "fast-check";
import type { ApiGatewayArgs } from "../../../../components/api-gateway/args";
import { planApiGateway } from "../../../../components/api-gateway/plan";
import { renderFault } from "../../../../components/shared/faults";
import { everything, exposed, least, traefik } from "./arguments";

function faultsOf(args: Partial<ApiGatewayArgs>, name = "gateway"): string[] {
  const result = planApiGateway(name, { ...least, ...args });
  return result.ok ? [] : result.faults.map(renderFault);
}

function planOf(args: Partial<ApiGatewayArgs> = {}) {
  const result = planApiGateway("gateway", { ...least, ...args });
  if (!result.ok) throw new Error(result.faults.map(renderFault).join("\n"));
  return result.plan;
}

test("two arguments are enough, and every default is the stated one", () => {
  expect(planOf()).toEqual({
    name: "gateway",
    autoscaling: undefined,
    clients: [],
    command: [],
    consul: undefined,
    consulServers: undefined,
    egress: [],
    environment: {},
    environmentSecrets: [],
    exposure: undefined,
    image: least.image,
    maxUnavailable: 1,
    metrics: undefined,
    namespace: "aetherium",
    nodeSelector: {},
    port: 8080,
    postgres: undefined,
    preStopSeconds: 10,
    priorityClassName: undefined,
    probes: { livenessPath: "/health", readinessPath: "/health", startupSeconds: 60 },
    queen: undefined,
    redis: undefined,
    replicas: 3,
    resources: { cpu: "250m", memory: "256Mi" },
    strictSpread: false,
    terminationGracePeriodSeconds: 60,
    tolerations: [],
    userId: 65532,
    workers: undefined,
  });
});

test("takes every argument at once", () => {
  expect(faultsOf(everything)).toEqual([]);
});

test("an autoscaler says how many pods there are, and nobody else", () => {
  expect(planOf({ autoscaling: { maxReplicas: 10 } })).toMatchObject({
    replicas: undefined,
    autoscaling: {
      minReplicas: 3,
      maxReplicas: 10,
      cpuPercent: 70,
      memoryPercent: undefined,
      scaleDownPercent: 50,
      scaleDownStabilisationSeconds: 300,
      scaleUpPercent: 100,
      scaleUpStabilisationSeconds: 0,
    },
  });
});

test("what is given as undefined is not given", () => {
  const plan = planOf({
    autoscaling: { maxReplicas: 4, cpuPercent: undefined },
    probes: { livenessPath: undefined, readinessPath: "/ready" },
    resources: { cpu: undefined },
  });
  expect(plan.autoscaling?.cpuPercent).toBe(70);
  expect(plan.probes).toEqual({
    livenessPath: "/health",
    readinessPath: "/ready",
    startupSeconds: 60,
  });
  expect(plan.resources.cpu).toBe("250m");
});

test.each<[string, Partial<ApiGatewayArgs>, string]>([
  ["traefik", { ingress: { className: "traefik", tls: { secretName: "t" } } }, "traefik"],
  ["nginx", { ingress: { className: "nginx", tls: { secretName: "t" } } }, "nginx"],
  ["another", { ingress: { className: "alb", tls: { secretName: "t" } } }, "other"],
  [
    "another that is said to be one",
    { ingress: { className: "public", controller: "traefik", tls: { secretName: "t" } } },
    "traefik",
  ],
  ["an existing Gateway", { gateway: { parent: { name: "edge" } } }, "other"],
  [
    "an existing Gateway that is said to be one",
    { gateway: { parent: { name: "edge" }, controller: "envoy-gateway" } },
    "envoy-gateway",
  ],
])("finds the controller behind a class: %s", (_, args, controller) => {
  expect(planOf({ ...exposed, ...args }).exposure?.controller).toBe(controller);
});

test("names every fault at once", () => {
  const faults = faultsOf(
    {
      image: "gateway:latest",
      autoscaling: { maxReplicas: 2, cpuPercent: 0, scaleDownStabilisationSeconds: 3601 },
      command: [],
      egress: [{ to: {}, ports: [] }],
      environment: { CONSUL_HTTP_ADDR: "x", "A-B": "y", TWICE: "z" },
      environmentSecrets: [{ name: "TWICE", secretName: "s", secretKey: "k" }],
      gateway: { className: "eg" },
      hosts: ["API.example.com", "localhost"],
      ingress: { className: "Nginx", path: "api", tls: {} },
      maxUnavailable: "0",
      metrics: { port: 8080, scrapers: [], intervalSeconds: 10 },
      port: 80,
      replicas: 3,
      resources: { cpu: "lots", memory: "1g" },
      terminationGracePeriodSeconds: 10,
      userId: 0,
      workers: { serviceName: "w" },
    },
    "-gateway",
  );
  expect(faults.map((line) => line.slice(0, line.indexOf(":")))).toEqual([
    "name",
    "image",
    "command",
    "environment.CONSUL_HTTP_ADDR",
    "environment.A-B",
    "environmentSecrets[0].name",
    "port",
    "userId",
    "terminationGracePeriodSeconds",
    "resources.cpu",
    "resources.memory",
    "replicas",
    "autoscaling.maxReplicas",
    "autoscaling.cpuPercent",
    "autoscaling.scaleDownStabilisationSeconds",
    "maxUnavailable",
    "metrics.scrapers",
    "metrics.intervalSeconds",
    "gateway",
    "ingress.className",
    "ingress.path",
    "ingress.tls",
    "gateway.tls",
    "hosts[0]",
    "hosts[1]",
    "clients",
    "workers",
    "workers",
    "egress[0].to",
    "egress[0].ports",
  ]);
});

const limits = { requestsPerSecond: 10, bodyKib: 64 };
const secret = { secretName: "t" };
test.each<[string, Partial<ApiGatewayArgs>, string]>([
  [
    "a class that nothing is known of",
    { ingress: { className: "alb", tls: secret }, limits },
    "limits: nothing is known to hold them behind alb, allowed with ingress: traefik, nginx; try ingress.controller, if it is one of those",
  ],
  [
    "an existing Gateway of nobody knows what",
    { gateway: { parent: { name: "edge" } }, limits },
    "limits: nothing is known to hold them behind the existing Gateway, allowed with gateway: traefik, envoy-gateway; try gateway.controller, if it is one of those",
  ],
  [
    "an Ingress of Envoy Gateway",
    { ingress: { className: "eg", controller: "envoy-gateway", tls: secret } },
    'ingress.controller: not one of the values, got "envoy-gateway", allowed traefik, nginx, other',
  ],
  [
    "a burst at Envoy Gateway",
    {
      gateway: { className: "eg", controller: "envoy-gateway", tls: secret },
      limits: { ...limits, burst: 20 },
    },
    "limits.burst: Envoy Gateway knows none; try to leave it out",
  ],
  [
    "a depth at nginx",
    { ingress: { className: "nginx", tls: secret }, limits: { ...limits, forwardedDepth: 1 } },
    "limits.forwardedDepth: only Traefik takes it with the limit; try the controller's own settings of the proxies that it trusts",
  ],
  [
    "a burst below the rate",
    { ingress: traefik, limits: { ...limits, burst: 5 } },
    "limits.burst: out of range, got 5, allowed whole numbers 10 to 10000000",
  ],
  [
    "a burst of no rate",
    { ingress: traefik, limits: { burst: 5 } },
    "limits.burst: there is no rate to go with it",
  ],
  [
    "the component's own annotation",
    { ingress: { ...traefik, annotations: { "cert-manager.io/cluster-issuer": "x" } } },
    'ingress.annotations["cert-manager.io/cluster-issuer"]: the component sets it itself; try its arguments tls and limits',
  ],
  [
    "an existing Gateway with a certificate",
    { gateway: { parent: { name: "edge" }, tls: secret } },
    "gateway.tls: given beside parent, whose owner says it; try to leave it out",
  ],
  [
    "more hosts than a route takes",
    {
      gateway: { className: "eg", tls: secret },
      hosts: Array.from({ length: 17 }, (_, index) => `h${String(index)}.example.com`),
    },
    "hosts: more than one route of the Gateway API takes, got 17, allowed 1 to 16 hosts; try a wildcard",
  ],
  [
    "two issuers",
    { ingress: { className: "nginx", tls: { issuer: "a", clusterIssuer: "b" } } },
    "ingress.tls: two issuers, allowed one of them",
  ],
])("refuses %s", (_, args, fault) => {
  expect(faultsOf({ ...exposed, ...args })).toEqual([fault]);
});

test("what the edge does needs an edge", () => {
  expect(faultsOf({ hosts: ["a.example.com"], limits })).toEqual([
    "hosts: the gateway is not exposed; try ingress or gateway",
    "limits: the gateway is not exposed; try ingress or gateway",
  ]);
});

test("an address must be one, and labels belong to a namespace", () => {
  const clients = [
    { cidrs: ["10.0.0.0/33", "10.0.0/8", "fd00::/8", "0.0.0.0/0"] },
    { podLabels: { a: "b" }, cidrs: ["10.0.0.0/8"] },
  ];
  expect(faultsOf({ clients }).map((line) => line.slice(0, line.indexOf(":")))).toEqual([
    "clients[0].cidrs[0]",
    "clients[0].cidrs[1]",
    "clients[1].podLabels",
  ]);
});

test("a database of one's own choice goes without the component's", () => {
  const environment = { DATABASE_URL: "postgres://elsewhere", REDIS_URL: "redis://elsewhere" };
  expect(faultsOf({ environment })).toEqual([]);
  const { postgres, redis } = everything;
  expect(faultsOf({ environment, postgres, redis })).toEqual([
    'environment.DATABASE_URL: a variable that the component sets itself, got "DATABASE_URL"',
    'environment.REDIS_URL: a variable that the component sets itself, got "REDIS_URL"',
  ]);
});

test("whatever is asked: a plan whose parts fit together, or faults at paths of arguments", () => {
  const count = fc.integer({ min: -1, max: 70_000 });
  const args: fc.Arbitrary<Partial<ApiGatewayArgs>> = fc.record(
    {
      port: count,
      preStopSeconds: count,
      replicas: count,
      terminationGracePeriodSeconds: count,
      userId: count,
      autoscaling: fc.record({ maxReplicas: count, minReplicas: count }),
      metrics: fc.record({ port: count, scrapers: fc.constant([{ namespace: "m" }]) }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(args, (given) => {
      const result = planApiGateway("gateway", { ...least, ...given });
      if (!result.ok) {
        for (const { path } of result.faults)
          expect(Object.keys(given)).toContain(path.split(".")[0]);
        return;
      }
      const { plan } = result;
      const { autoscaling, metrics } = plan;
      expect(plan.preStopSeconds).toBeLessThan(plan.terminationGracePeriodSeconds);
      expect((plan.replicas === undefined) !== (autoscaling === undefined)).toBe(true);
      expect(metrics?.port).not.toBe(plan.port);
      if (autoscaling !== undefined) {
        expect(autoscaling.minReplicas).toBeLessThanOrEqual(autoscaling.maxReplicas);
      }
    }),
  );
});
