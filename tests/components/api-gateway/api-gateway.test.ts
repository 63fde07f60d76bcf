import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { ApiGateway } from "../../../components/api-gateway/api-gateway";
import type { ApiGatewayArgs } from "../../../components/api-gateway/args";
import { everything, exposed, least, traefik } from "../../unit/components/api-gateway/arguments";
import {
  deploy,
  type Deployment,
  find,
  isSecret,
  redact,
  reveal,
  tree,
} from "../../support/deploy";
import { remember } from "../../support/remember";

const run = remember((args: Partial<ApiGatewayArgs> = {}, name?: string) =>
  deploy(() => void new ApiGateway(name ?? "gateway", { ...least, ...args })),
);

const inputs = (deployment: Deployment, type: string, name = "gateway") =>
  reveal(find(deployment, `kubernetes:${type}`, name).inputs);

const podOf = (deployment: Deployment) =>
  inputs(deployment, "apps/v1:Deployment").spec.template.spec;

const LEAST_OBJECTS = [
  "kubernetes:apps/v1:Deployment gateway < gateway",
  "kubernetes:core/v1:Service gateway < gateway",
  "kubernetes:core/v1:ServiceAccount gateway < gateway",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy gateway < gateway",
  "kubernetes:policy/v1:PodDisruptionBudget gateway < gateway",
  "kvm-fabric:index:ApiGateway gateway < stack",
];

const ALL_OBJECTS = [
  ...LEAST_OBJECTS,
  "kubernetes:autoscaling/v2:HorizontalPodAutoscaler gateway < gateway",
  "kubernetes:core/v1:ConfigMap gateway-consul-ca < gateway",
  "kubernetes:core/v1:ConfigMap gateway-queen-ca < gateway",
  "kubernetes:monitoring.coreos.com/v1:ServiceMonitor gateway < gateway",
  "kubernetes:networking.k8s.io/v1:Ingress gateway < gateway",
  "kubernetes:networking.k8s.io/v1:NetworkPolicy gateway-acme < gateway",
  "kubernetes:traefik.io/v1alpha1:Middleware gateway-body < gateway",
  "kubernetes:traefik.io/v1alpha1:Middleware gateway-rate < gateway",
].sort();

const envoy = { className: "eg", controller: "envoy-gateway", tls: { issuer: "ca" } } as const;
const limits = { requestsPerSecond: 20, bodyKib: 1024 };

test("makes exactly its objects, each below it", async () => {
  const deployment = await run();
  expect(tree(deployment)).toEqual(LEAST_OBJECTS);
  expect(reveal(deployment.outputs.get("gateway"))).toEqual({
    deploymentName: "gateway",
    namespace: "aetherium",
    podLabels: {
      "app.kubernetes.io/instance": "gateway",
      "app.kubernetes.io/name": "api-gateway",
    },
    serviceName: "gateway",
    urls: [],
  });
});

test("makes one object more for each thing that is asked", async () => {
  const deployment = await run(everything);
  expect(tree(deployment)).toEqual(ALL_OBJECTS);
  expect(deployment.outputs.get("gateway")?.urls).toEqual([
    "https://api.example.com",
    "https://*.apps.example.com",
  ]);
});

const added = (deployment: Deployment) =>
  tree(deployment).filter((line) => !LEAST_OBJECTS.includes(line));

test("the Gateway API takes a Gateway of its own or somebody's, and the limits of its controller", async () => {
  expect(added(await run({ ...exposed, gateway: envoy, limits }))).toEqual([
    "kubernetes:gateway.envoyproxy.io/v1alpha1:BackendTrafficPolicy gateway-limits < gateway",
    "kubernetes:gateway.networking.k8s.io/v1:Gateway gateway-gateway < gateway",
    "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute gateway-route < gateway",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy gateway-acme < gateway",
  ]);
  const parent = { name: "edge", namespace: "traefik" };
  const gateway = { parent, controller: "traefik" } as const;
  expect(added(await run({ ...exposed, gateway, limits }))).toEqual([
    "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute gateway-route < gateway",
    "kubernetes:traefik.io/v1alpha1:Middleware gateway-body < gateway",
    "kubernetes:traefik.io/v1alpha1:Middleware gateway-rate < gateway",
  ]);
});

test("makes the same tree where nothing is known yet", async () => {
  const later = (name: string, value: string) =>
    new corev1.ConfigMap(name, { metadata: { name: value } }).metadata.name;
  const program = () => {
    const { consul, postgres, queen, redis, workers } = everything;
    if (!consul || !postgres || !queen || !redis || !workers) throw new Error("not everything");
    new ApiGateway("gateway", {
      ...least,
      ...everything,
      namespace: later("a", "aetherium"),
      consul: {
        address: later("b", "https://consul.aetherium.svc:8501"),
        caCertificate: later("c", "PEM"),
        datacenter: later("d", "dc1"),
        tokenSecretName: later("e", "token"),
      },
      postgres: { ...postgres, secretName: later("f", "db"), namespace: later("g", "data") },
      queen: { ...queen, host: later("h", "queen"), caCertificate: later("i", "PEM") },
      workers: { serviceName: later("j", "workers"), namespace: later("k", "agents") },
    });
  };
  const known = await deploy(program);
  const unknown = await deploy(program, { preview: true });
  expect(tree(unknown)).toEqual(tree(known));
  expect(tree(known).filter((line) => line.endsWith("< gateway"))).toHaveLength(13);
});

test("two gateways side by side share no object", async () => {
  const deployment = await deploy(() => {
    new ApiGateway("one", { ...least, ...everything });
    new ApiGateway("two", { ...least, ...everything });
  });
  const objects = deployment.resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const names = objects.map(({ type, inputs: i }) => `${type} ${String(reveal(i.metadata).name)}`);
  expect(new Set(names).size).toBe(26);
});

test("the environment says where everything is, and shows no secret", async () => {
  const [container] = podOf(await run(everything)).containers;
  const secret = (name: string, key: string) => ({ secretKeyRef: { name, key } });
  const field = (fieldPath: string) => ({ fieldRef: { fieldPath } });
  expect(container.env).toEqual([
    { name: "NODE_NAME", valueFrom: field("spec.nodeName") },
    { name: "POD_IP", valueFrom: field("status.podIP") },
    { name: "POD_NAME", valueFrom: field("metadata.name") },
    { name: "PORT", value: "8080" },
    { name: "METRICS_PORT", value: "9090" },
    { name: "CONSUL_HTTP_ADDR", value: "https://aetherium-consul.aetherium.svc:8501" },
    { name: "CONSUL_CACERT", value: "/etc/consul-ca/ca.pem" },
    { name: "CONSUL_DATACENTER", value: "dc1" },
    { name: "CONSUL_HTTP_TOKEN", valueFrom: secret("aetherium-consul-gateway-token", "token") },
    { name: "KVM_FABRIC_WORKER_SERVICE", value: "aetherium-worker" },
    { name: "DATABASE_URL", valueFrom: secret("gateway-db", "uri") },
    { name: "DATABASE_CA_FILE", value: "/etc/postgres-ca/ca.crt" },
    { name: "PGSSLROOTCERT", value: "/etc/postgres-ca/ca.crt" },
    { name: "REDIS_URL", valueFrom: secret("gateway-redis", "uri") },
    { name: "KVM_FABRIC_QUEEN_ADDRESS", value: "queen.agents.svc:564" },
    { name: "KVM_FABRIC_QUEEN_NAME", value: "queen" },
    { name: "KVM_FABRIC_QUEEN_CA", value: "/etc/queen-ca/ca.pem" },
    { name: "KVM_FABRIC_QUEEN_CERT", value: "/etc/queen-client/tls.crt" },
    { name: "KVM_FABRIC_QUEEN_KEY", value: "/etc/queen-client/tls.key" },
    { name: "JWT_KEY", valueFrom: secret("jwt", "key") },
    { name: "LOG_LEVEL", value: "info" },
  ]);
});

test("files are mounted read-only, and of a database's Secret the certificate alone", async () => {
  const { containers, volumes } = podOf(await run(everything));
  expect(containers[0].volumeMounts).toEqual([
    { name: "consul-ca", mountPath: "/etc/consul-ca", readOnly: true },
    { name: "postgres-ca", mountPath: "/etc/postgres-ca", readOnly: true },
    { name: "queen-ca", mountPath: "/etc/queen-ca", readOnly: true },
    { name: "queen-client", mountPath: "/etc/queen-client", readOnly: true },
    { name: "tmp", mountPath: "/tmp" },
  ]);
  const pem = [{ key: "ca.pem", path: "ca.pem" }];
  const crt = [{ key: "ca.crt", path: "ca.crt" }];
  expect(volumes).toEqual([
    { name: "consul-ca", configMap: { name: "gateway-consul-ca", items: pem } },
    { name: "postgres-ca", secret: { secretName: "gateway-db", items: crt } },
    { name: "queen-ca", configMap: { name: "gateway-queen-ca", items: pem } },
    { name: "queen-client", secret: { secretName: "queen-gateway", defaultMode: 0o440 } },
    { name: "tmp", emptyDir: { sizeLimit: "256Mi" } },
  ]);
});

test("what was given as a secret goes on as one", async () => {
  const deployment = await deploy(() => {
    new ApiGateway("gateway", {
      ...least,
      environment: { SALT: pulumi.secret("hidden-salt") },
      redis: {
        host: "redis",
        port: 6379,
        secretName: pulumi.secret("hidden-name"),
        privateAuthority: false,
      },
    });
  });
  const plain = JSON.stringify(deployment.resources.map(({ inputs: i }) => redact(i)));
  const all = JSON.stringify(deployment.resources.map(({ inputs: i }) => reveal(i)));
  for (const text of ["hidden-salt", "hidden-name"]) {
    expect(plain).not.toContain(text);
    expect(all).toContain(text);
  }
  for (const output of Object.values(deployment.outputs.get("gateway") ?? {})) {
    expect(isSecret(output)).toBe(false);
  }
});

test("the pod has no token of the API server, no privilege and no writable root", async () => {
  const pod = podOf(await run({ userId: 1000 }));
  expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
  expect(pod.securityContext).toEqual({
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    fsGroup: 1000,
    seccompProfile: { type: "RuntimeDefault" },
  });
  expect(pod.containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    privileged: false,
    readOnlyRootFilesystem: true,
  });
  expect(pod.containers[0].resources).toEqual({
    requests: { cpu: "250m", memory: "256Mi" },
    limits: { memory: "256Mi" },
  });
});

test("an autoscaler owns the number of pods: the Deployment says none", async () => {
  expect(inputs(await run(), "apps/v1:Deployment").spec.replicas).toBe(3);
  const deployment = await run({ autoscaling: { maxReplicas: 9, memoryPercent: 80 } });
  expect(inputs(deployment, "apps/v1:Deployment").spec).not.toHaveProperty("replicas");
  const target = (name: string, averageUtilization: number) => ({
    type: "Resource",
    resource: { name, target: { type: "Utilization", averageUtilization } },
  });
  expect(inputs(deployment, "autoscaling/v2:HorizontalPodAutoscaler").spec).toEqual({
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "gateway" },
    minReplicas: 3,
    maxReplicas: 9,
    metrics: [target("cpu", 70), target("memory", 80)],
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: "Max",
        policies: [
          { type: "Percent", value: 100, periodSeconds: 15 },
          { type: "Pods", value: 4, periodSeconds: 15 },
        ],
      },
      scaleDown: {
        stabilizationWindowSeconds: 300,
        selectPolicy: "Max",
        policies: [{ type: "Percent", value: 50, periodSeconds: 60 }],
      },
    },
  });
});

test("a single pod has no budget, which would keep its node from being drained", async () => {
  const budget = "kubernetes:policy/v1:PodDisruptionBudget gateway < gateway";
  expect(tree(await run({ replicas: 1 }))).not.toContain(budget);
  const { spec } = inputs(await run({ maxUnavailable: "25%" }), "policy/v1:PodDisruptionBudget");
  expect(spec).toEqual({
    maxUnavailable: "25%",
    selector: { matchLabels: inputs(await run(), "core/v1:Service").spec.selector },
    unhealthyPodEvictionPolicy: "AlwaysAllow",
  });
});

test.each([
  [false, "ScheduleAnyway"],
  [true, "DoNotSchedule"],
])(
  "pods are spread over zones and nodes, strictly: %s",
  async (strictSpread, whenUnsatisfiable) => {
    const deployment = await run({ strictSpread });
    const { selector } = inputs(deployment, "apps/v1:Deployment").spec;
    expect(podOf(deployment).topologySpreadConstraints).toEqual(
      ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable,
        labelSelector: selector,
        nodeTaintsPolicy: "Honor",
        matchLabelKeys: ["pod-template-hash"],
      })),
    );
  },
);

test("a rollout takes no pod away before another is ready, and another authority is one", async () => {
  const { spec } = inputs(await run(everything), "apps/v1:Deployment");
  expect(spec.strategy).toEqual({
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 },
  });
  const { consul } = everything;
  if (!consul) throw new Error("no Consul");
  const other = await run({ ...everything, consul: { ...consul, caCertificate: "ANOTHER CA" } });
  const notes = inputs(other, "apps/v1:Deployment").spec.template.metadata.annotations;
  const before = spec.template.metadata.annotations;
  expect(Object.keys(notes)).toEqual(Object.keys(before));
  expect(notes["kvm-fabric.dev/consul-ca"]).not.toBe(before["kvm-fabric.dev/consul-ca"]);
  expect(notes["kvm-fabric.dev/queen-ca"]).toBe(before["kvm-fabric.dev/queen-ca"]);
});

const namespaceNamed = (name: string) => ({ matchLabels: { "kubernetes.io/metadata.name": name } });
const tcp = (...ports: number[]) => ports.map((port) => ({ port, protocol: "TCP" }));

test("the policy lets in and out exactly those that are named", async () => {
  const { spec } = inputs(await run(everything), "networking.k8s.io/v1:NetworkPolicy");
  const pods = (name: string, matchLabels: Record<string, string>) => ({
    namespaceSelector: namespaceNamed(name),
    podSelector: { matchLabels },
  });
  expect(spec.policyTypes).toEqual(["Ingress", "Egress"]);
  expect(spec.ingress).toEqual([
    { from: [pods("edge", { app: "traefik" })], ports: tcp(8080) },
    {
      from: [{ namespaceSelector: namespaceNamed("monitoring"), podSelector: {} }],
      ports: tcp(9090),
    },
  ]);
  const [dns, ...others] = spec.egress;
  expect(dns.ports.map(({ port }: { port: number }) => port)).toEqual([53, 53]);
  expect(others).toEqual([
    {
      to: [
        pods("aetherium", {
          "app.kubernetes.io/name": "consul",
          "app.kubernetes.io/component": "server",
        }),
      ],
      ports: tcp(8501),
    },
    { to: [pods("aetherium-agents", { "app.kubernetes.io/name": "worker" })], ports: tcp(8081) },
    { to: [pods("aetherium", { "cnpg.io/cluster": "db" })], ports: tcp(5432) },
    { to: [{ ipBlock: { cidr: "10.1.0.0/16" } }], ports: tcp(6380) },
    { to: [pods("agents", { "app.kubernetes.io/name": "queen" })], ports: tcp(5640) },
    { to: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ports: tcp(443) },
  ]);
});

test("cert-manager's own pods are reached while they prove a host, and call nobody", async () => {
  const issued = await run({ ...exposed, ingress: traefik });
  const { spec } = inputs(issued, "networking.k8s.io/v1:NetworkPolicy", "gateway-acme");
  const callers = inputs(issued, "networking.k8s.io/v1:NetworkPolicy").spec.ingress[0].from;
  expect(spec).toEqual({
    podSelector: { matchLabels: { "acme.cert-manager.io/http01-solver": "true" } },
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: callers, ports: tcp(8089) }],
    egress: [],
  });
  const there = { className: "traefik", tls: { secretName: "mine" } };
  expect(tree(await run({ ...exposed, ingress: there })).join()).not.toContain("gateway-acme");
});

test("without a word nobody calls the gateway, and it calls nothing but DNS", async () => {
  const { spec } = inputs(await run(), "networking.k8s.io/v1:NetworkPolicy");
  expect(spec.ingress).toEqual([]);
  expect(spec.egress).toHaveLength(1);
  expect(spec.podSelector).toEqual(inputs(await run(), "apps/v1:Deployment").spec.selector);
});

test("a store of which nothing is known may be anywhere but at the metadata service", async () => {
  const redis = { host: "r", port: 6380, secretName: "s", privateAuthority: false };
  const { spec } = inputs(await run({ redis }), "networking.k8s.io/v1:NetworkPolicy");
  expect(spec.egress[1]).toEqual({
    to: [
      { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } },
      { ipBlock: { cidr: "::/0", except: ["fd00:ec2::254/128"] } },
    ],
    ports: tcp(6380),
  });
});

test.each([
  [
    "Traefik",
    { ingress: { ...traefik, annotations: { note: "x" } }, limits },
    {
      "cert-manager.io/cluster-issuer": "letsencrypt-prod",
      note: "x",
      "pulumi.com/skipAwait": "true",
      "traefik.ingress.kubernetes.io/router.entrypoints": "websecure",
      "traefik.ingress.kubernetes.io/router.middlewares":
        "aetherium-gateway-rate@kubernetescrd,aetherium-gateway-body@kubernetescrd",
      "traefik.ingress.kubernetes.io/router.tls": "true",
    },
  ],
  [
    "Traefik, with a Middleware of one's own and another entry point",
    {
      ingress: {
        className: "traefik",
        tls: { secretName: "mine" },
        annotations: {
          "traefik.ingress.kubernetes.io/router.entrypoints": "internal",
          "traefik.ingress.kubernetes.io/router.middlewares": "edge-auth@kubernetescrd",
        },
      },
      limits: { bodyKib: 1 },
    },
    {
      "pulumi.com/skipAwait": "true",
      "traefik.ingress.kubernetes.io/router.entrypoints": "internal",
      "traefik.ingress.kubernetes.io/router.middlewares":
        "aetherium-gateway-body@kubernetescrd,edge-auth@kubernetescrd",
      "traefik.ingress.kubernetes.io/router.tls": "true",
    },
  ],
  [
    "nginx",
    {
      ingress: { className: "nginx", tls: { issuer: "ca" } },
      limits: { requestsPerSecond: 20, burst: 50, bodyKib: 64 },
    },
    {
      "cert-manager.io/issuer": "ca",
      "nginx.ingress.kubernetes.io/force-ssl-redirect": "true",
      "nginx.ingress.kubernetes.io/limit-burst-multiplier": "3",
      "nginx.ingress.kubernetes.io/limit-rps": "20",
      "nginx.ingress.kubernetes.io/proxy-body-size": "65536",
      "pulumi.com/skipAwait": "true",
    },
  ],
  [
    "another",
    { ingress: { className: "alb", tls: { secretName: "mine" } } },
    { "pulumi.com/skipAwait": "true" },
  ],
])("annotates an Ingress for its controller: %s", async (_, args, annotations) => {
  const ingress = inputs(await run({ ...exposed, ...args }), "networking.k8s.io/v1:Ingress");
  expect(ingress.metadata.annotations).toEqual(annotations);
});

test("cert-manager finds a Gateway of our own by its annotation", async () => {
  const { metadata } = inputs(
    await run({ ...exposed, gateway: { ...envoy, annotations: { note: "x" } } }),
    "gateway.networking.k8s.io/v1:Gateway",
    "gateway-gateway",
  );
  expect(metadata.annotations).toEqual({ "cert-manager.io/issuer": "ca", note: "x" });
});

test("metrics have a port of their own, which the Service offers and no edge leads to", async () => {
  const deployment = await run(everything);
  expect(inputs(deployment, "core/v1:Service").spec.ports).toEqual([
    { name: "http", port: 8080, targetPort: "http", protocol: "TCP" },
    { name: "metrics", port: 9090, targetPort: "metrics", protocol: "TCP" },
  ]);
  const monitor = inputs(deployment, "monitoring.coreos.com/v1:ServiceMonitor");
  expect(monitor.metadata.labels).toMatchObject({ release: "prometheus" });
  expect(monitor.spec).toEqual({
    selector: { matchLabels: inputs(deployment, "core/v1:Service").spec.selector },
    endpoints: [{ port: "metrics", path: "/metrics", interval: "30s" }],
  });
  expect(JSON.stringify(inputs(deployment, "networking.k8s.io/v1:Ingress"))).not.toMatch(/9090/);
});

test("goes in order: policy and files, pods, then the edge; back the other way", async () => {
  const on = (deployment: Deployment, type: string, name = "gateway") =>
    find(deployment, `kubernetes:${type}`, name).dependsOn;
  const byIngress = await run(everything);
  expect(on(byIngress, "apps/v1:Deployment")).toEqual(
    expect.arrayContaining(["gateway", "gateway-consul-ca", "gateway-queen-ca"]),
  );
  const policy = find(byIngress, "kubernetes:networking.k8s.io/v1:NetworkPolicy", "gateway");
  const pods = find(byIngress, "kubernetes:apps/v1:Deployment", "gateway");
  expect(pods.after).toContain(policy.urn);
  expect(find(byIngress, "kubernetes:networking.k8s.io/v1:Ingress", "gateway").after).toContain(
    pods.urn,
  );
  expect(on(byIngress, "networking.k8s.io/v1:Ingress")).toEqual(
    expect.arrayContaining(["gateway-rate", "gateway-body"]),
  );
  const byRoute = await run({ ...exposed, gateway: envoy, limits });
  const api = "gateway.networking.k8s.io/v1";
  expect(on(byRoute, `${api}:HTTPRoute`, "gateway-route")).toContain("gateway-gateway");
  expect(
    on(byRoute, "gateway.envoyproxy.io/v1alpha1:BackendTrafficPolicy", "gateway-limits"),
  ).toEqual(["gateway-route"]);
});

test("every fault comes in one error, before anything is made", async () => {
  let message = "";
  const deployment = await deploy(() => {
    try {
      new ApiGateway("gateway", { ...least, image: "gateway:latest", port: 80 });
    } catch (error) {
      ({ message } = error as Error);
    }
  });
  expect(message).toMatch(/ApiGateway "gateway" has 2 faults:\n {2}image: .*\n {2}port: /);
  expect(deployment.resources.filter(({ custom }) => custom)).toEqual([]);
});
