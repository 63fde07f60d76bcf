import type { ApiGatewayArgs } from "../../../../components/api-gateway/args";
import { limitObjects } from "../../../../components/api-gateway/limits";
import { consulPeers } from "../../../../components/api-gateway/network-policy";
import { type ApiGatewayPlan, planApiGateway } from "../../../../components/api-gateway/plan";
import { gatewayPod } from "../../../../components/api-gateway/pod";
import { apiGatewayFlows, apiGatewayPodLabels } from "../../../../components/api-gateway/ports";
import { gatewaySpec, ingressSpec, routeSpec } from "../../../../components/api-gateway/routes";
import { planNamespaces } from "../../../../components/namespaces/plan";
import { exposed, least, traefik } from "./arguments";

function planOf(args: Partial<ApiGatewayArgs>): ApiGatewayPlan {
  const result = planApiGateway("gateway", { ...least, ...exposed, ...args });
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.plan;
}

function gatewayOf(args: Partial<ApiGatewayArgs>) {
  const { exposure } = planOf(args);
  if (exposure?.kind !== "gateway") throw new Error("not by the Gateway API");
  return exposure;
}

const limits = { requestsPerSecond: 20, bodyKib: 1024 };
const envoy = { className: "eg", controller: "envoy-gateway", tls: { issuer: "ca" } } as const;

test("Traefik gets a Middleware a limit", () => {
  const args = { ingress: traefik, limits: { ...limits, forwardedDepth: 2 } };
  expect(limitObjects("gateway", planOf(args).exposure)).toEqual([
    {
      apiVersion: "traefik.io/v1alpha1",
      kind: "Middleware",
      suffix: "rate",
      spec: {
        rateLimit: {
          average: 20,
          period: "1s",
          burst: 40,
          sourceCriterion: { ipStrategy: { depth: 2 } },
        },
      },
    },
    {
      apiVersion: "traefik.io/v1alpha1",
      kind: "Middleware",
      suffix: "body",
      spec: { buffering: { maxRequestBodyBytes: 1_048_576 } },
    },
  ]);
});

test("Envoy Gateway gets one policy, with a bucket an address of both kinds", () => {
  const rule = (value: string) => ({
    clientSelectors: [{ sourceCIDR: { type: "Distinct", value } }],
    limit: { requests: 20, unit: "Second" },
  });
  expect(limitObjects("gateway", planOf({ gateway: envoy, limits }).exposure)).toEqual([
    {
      apiVersion: "gateway.envoyproxy.io/v1alpha1",
      kind: "BackendTrafficPolicy",
      suffix: "limits",
      spec: {
        targetRefs: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", name: "gateway" }],
        rateLimit: { type: "Local", local: { rules: [rule("0.0.0.0/0"), rule("::/0")] } },
        requestBuffer: { limit: "1048576" },
      },
    },
  ]);
});

test("one limit is no reason for the other", () => {
  const kinds = (args: Partial<ApiGatewayArgs>) =>
    limitObjects("gateway", planOf(args).exposure).map(({ spec }) => Object.keys(spec));
  expect(kinds({ ingress: traefik, limits: { bodyKib: 1 } })).toEqual([["buffering"]]);
  expect(kinds({ ingress: traefik, limits: { requestsPerSecond: 1 } })).toEqual([["rateLimit"]]);
  expect(kinds({ gateway: envoy, limits: { bodyKib: 1 } })).toEqual([
    ["targetRefs", "requestBuffer"],
  ]);
  expect(kinds({ ingress: traefik, limits: {} })).toEqual([]);
});

test("an Ingress leads every host to the Service, with one certificate", () => {
  const { exposure } = planOf({ ingress: { ...traefik, path: "/api" } });
  if (exposure?.kind !== "ingress") throw new Error("not by an Ingress");
  const backend = { service: { name: "gateway", port: { name: "http" } } };
  const http = { paths: [{ path: "/api", pathType: "Prefix", backend }] };
  expect(ingressSpec("gateway", exposure)).toEqual({
    ingressClassName: "traefik",
    tls: [{ hosts: exposed.hosts, secretName: "gateway-tls" }],
    rules: exposed.hosts.map((host) => ({ host, http })),
  });
});

test("a Gateway of our own listens with TLS alone, a listener a host", () => {
  const gateway = gatewayOf({ gateway: envoy });
  if (!gateway.by.own) throw new Error("not our own");
  const { listeners, gatewayClassName } = gatewaySpec(gateway, gateway.by);
  expect(gatewayClassName).toBe("eg");
  expect(listeners.map(({ hostname }) => hostname)).toEqual(exposed.hosts);
  for (const listener of listeners) {
    expect(listener).toMatchObject({
      port: 443,
      protocol: "HTTPS",
      tls: { mode: "Terminate", certificateRefs: [{ kind: "Secret", name: "gateway-tls" }] },
      allowedRoutes: { namespaces: { from: "Same" } },
    });
  }
});

test("a route names its Gateway, ours or theirs, and Traefik's limits", () => {
  expect(routeSpec("gateway", gatewayOf({ gateway: envoy, limits }), 8080)).toEqual({
    parentRefs: [{ name: "gateway" }],
    hostnames: exposed.hosts,
    rules: [
      {
        matches: [{ path: { type: "PathPrefix", value: "/" } }],
        backendRefs: [{ name: "gateway", port: 8080 }],
      },
    ],
  });
  const parent = { name: "edge", namespace: "traefik", sectionName: "websecure" };
  const theirs = gatewayOf({ gateway: { parent, controller: "traefik" }, limits });
  const reference = (name: string) => ({
    type: "ExtensionRef",
    extensionRef: { group: "traefik.io", kind: "Middleware", name },
  });
  expect(routeSpec("gateway", theirs, 8080)).toMatchObject({
    parentRefs: [parent],
    rules: [{ filters: [reference("gateway-rate"), reference("gateway-body")] }],
  });
});

test.each([
  ["https://fabric-consul.fabric.svc:8501", "fabric"],
  ["https://fabric-consul.fabric.svc.cluster.local:8501", "fabric"],
  ["https://consul.svc.example.com:8501", undefined],
  ["https://consul.example.com", undefined],
  ["https://10.0.0.1:8501", undefined],
])("knows whose pods answer at %s", (address, namespace) => {
  const peers = consulPeers(address);
  if (namespace === undefined) {
    expect(peers.map(({ ipBlock }) => ipBlock?.cidr)).toEqual(["0.0.0.0/0", "::/0"]);
    return;
  }
  expect(peers).toEqual([
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      podSelector: {
        matchLabels: {
          "app.kubernetes.io/name": "consul",
          "app.kubernetes.io/component": "server",
        },
      },
    },
  ]);
});

test("pods wait out their balancers and keep a restart for what does not come back", () => {
  const { containers, terminationGracePeriodSeconds } = gatewayPod(
    planOf({
      ingress: traefik,
      preStopSeconds: 20,
      terminationGracePeriodSeconds: 90,
      probes: { livenessPath: "/live", readinessPath: "/ready", startupSeconds: 61 },
    }),
  );
  expect(terminationGracePeriodSeconds).toBe(90);
  const [container]: any[] = containers as any[];
  expect(container.lifecycle).toEqual({ preStop: { sleep: { seconds: 20 } } });
  const get = (path: string) => ({ path, port: "http", scheme: "HTTP" });
  expect(container.startupProbe).toMatchObject({
    httpGet: get("/ready"),
    periodSeconds: 2,
    failureThreshold: 31,
  });
  expect(container.readinessProbe).toMatchObject({ httpGet: get("/ready"), failureThreshold: 2 });
  expect(container.livenessProbe).toMatchObject({ httpGet: get("/live"), failureThreshold: 6 });
});

test("the namespaces' policies let a gateway reach Consul and the workers with its flows, and not without", () => {
  const policies = (flows = apiGatewayFlows([8081, 9000])) => {
    const result = planNamespaces("fabric", { flows });
    if (!result.ok) throw new Error(JSON.stringify(result.faults));
    const callers = (name: string) =>
      result.plan.policies
        .filter((policy) => policy.name === name)
        .flatMap(({ spec }) => spec.ingress ?? [])
        .filter(({ from }) => JSON.stringify(from).includes('"api-gateway"'))
        .map(({ ports }) => ports.map(({ port }) => port));
    return [callers("fabric-allow-consul-server"), callers("fabric-allow-worker")];
  };
  expect(policies()).toEqual([[[8501]], [[8081, 9000]]]);
  expect(policies([])).toEqual([[], []]);
  expect(apiGatewayPodLabels("gateway")).toEqual({
    "app.kubernetes.io/name": "api-gateway",
    "app.kubernetes.io/instance": "gateway",
  });
});
