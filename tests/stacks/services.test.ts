import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { parseConfig, readConfig } from "../../stacks/config";
import { deployTarget } from "../../stacks/targets";
import { type Deployment, deploy, find, reveal, tree } from "../support/deploy";
import { generatedOutputs as outputsOf } from "../support/generated";
import { remember } from "../support/remember";
import { repository } from "../support/source-files";

const read = (file: string) => parse(fs.readFileSync(path.join(repository, file), "utf8"));

/** The dev stack with all services, changed. */
function settings(change: (fabric: any) => void = () => undefined): any {
  const fabric = {
    ...read("Pulumi.dev.yaml").config["kvm-fabric:fabric"],
    ...read("tests/stacks/settings/services.yaml"),
  };
  change(fabric);
  return fabric;
}

const runText = remember((text: string, preview?: boolean) =>
  deploy(() => deployTarget(readConfig()), {
    config: { "kvm-fabric:fabric": text },
    preview,
    outputsOf,
  }),
);
const run = (change?: (fabric: any) => void, preview?: boolean) =>
  runText(JSON.stringify(settings(change)), preview);

function faults(change: (fabric: any) => void): string[] {
  const result = parseConfig(settings(change));
  return result.ok ? [] : result.faults.map(({ path: at, problem }) => `${at}: ${problem}`);
}

const podOf = (deployment: Deployment, kind: string, name: string) =>
  reveal(find(deployment, `kubernetes:apps/v1:${kind}`, name).inputs).spec.template.spec;
const environmentOf = (container: any): Record<string, any> =>
  Object.fromEntries(container.env.map((one: any) => [one.name, one.value ?? one.valueFrom]));

const ROOT = "kvm-fabric:fabric";

test("a stack has the services that its file names, and shows the same before anything is known", async () => {
  const deployment = await run();
  const components = deployment.resources.filter(({ type }) => type.startsWith("kvm-fabric:"));
  expect(components.map(({ name }) => name).sort()).toEqual([
    ...["fabric", "fabric-consul", "fabric-gateway", "fabric-postgres", "fabric-provisioner"],
    ...["fabric-queen", "fabric-redis", "fabric-uploader", "fabric-worker"],
  ]);
  expect(tree(await run(undefined, true))).toEqual(tree(deployment));
});

test("workers reach Queen through a proxy of theirs, and the uploader her uploads", async () => {
  const deployment = await run();
  const worker = podOf(deployment, "DaemonSet", "fabric-worker");
  expect(worker.initContainers.map(({ name }: any) => name)).toContain("queen-proxy");
  expect(environmentOf(worker.containers[0]).KVM_FABRIC_QUEEN_ADDRESS).toBe("127.0.0.1:5640");
  const queen = find(deployment, "kvm-fabric:index:Queen", "fabric-queen");
  const callers = queen.inputs.consumers.map(({ name, role }: any) => `${name}: ${role}`);
  expect(callers).toEqual(["worker: worker", "gateway: gateway", "uploader: uploader"]);
  const cron = reveal(find(deployment, "kubernetes:batch/v1:CronJob", "fabric-uploader").inputs);
  const [uploader] = cron.spec.jobTemplate.spec.template.spec.containers;
  expect(environmentOf(uploader).QUEEN_HOST).toMatch(/^fabric-queen-uploads\./);
});

test("the gateway finds workers, database and queue", async () => {
  const gateway = podOf(await run(), "Deployment", "fabric-gateway");
  const environment = environmentOf(gateway.containers[0]);
  expect(environment).toMatchObject({
    KVM_FABRIC_WORKER_SERVICE: "worker",
    CONSUL_HTTP_TOKEN: { secretKeyRef: { name: "fabric-consul-gateway-token", key: "token" } },
    DATABASE_URL: { secretKeyRef: { name: "fabric-postgres-gateway", key: "uri" } },
    REDIS_URL: { secretKeyRef: { name: "fabric-redis-gateway", key: "uri" } },
  });
});

test.each([
  ["dev", 1, 1],
  ["staging", 2, 3],
  ["prod", 3, 3],
  ["dr", 3, 3],
])(
  "in %s there are %d gateways and %d instances of Postgres",
  async (environment, replicas, instances) => {
    const deployment = await run((fabric) => (fabric.environment = environment));
    const gateway = find(deployment, "kubernetes:apps/v1:Deployment", "fabric-gateway");
    expect(gateway.inputs.spec.replicas).toBe(replicas);
    const database = find(
      deployment,
      "kubernetes:postgresql.cnpg.io/v1:Cluster",
      "fabric-postgres",
    );
    expect(reveal(database.inputs).spec.instances).toBe(instances);
  },
);

test("workers at their nodes' addresses have no proxy, and no identity", async () => {
  const deployment = await run((fabric) => {
    const privileged = {
      isolation: "privileged-host-network",
      privilegedReasons: ["its own bridge"],
    };
    fabric.workers.worker = { image: fabric.workers.worker.image, ...privileged };
    fabric.namespaces = { nodeCidrs: ["10.0.0.0/16"] };
  });
  const worker = podOf(deployment, "DaemonSet", "fabric-worker");
  expect(worker.initContainers.map(({ name }: any) => name)).not.toContain("queen-proxy");
  const { consumers } = find(deployment, "kvm-fabric:index:Queen", "fabric-queen").inputs;
  expect(consumers.map(({ name }: any) => name)).toEqual(["gateway", "uploader"]);
});

const wrong: [string, (fabric: any) => void, string[]][] = [
  [
    "a tag in place of a digest, in each service",
    (fabric) => {
      fabric.queen.proxyImage = "ghostunnel:1";
      fabric.redis.image = "valkey:8";
      fabric.gateway.image = "gateway:1";
    },
    [
      `${ROOT}.gateway.image: an image that is not pinned by digest`,
      `${ROOT}.queen.proxyImage: an image that is not pinned by digest`,
      `${ROOT}.redis.image: an image that is not pinned by digest`,
    ],
  ],
  [
    "an uploader without a queen",
    (fabric) => delete fabric.queen,
    [`${ROOT}.traceUploader: an uploader without a queen whose traces it would move`],
  ],
  [
    "a password in the stack's file",
    (fabric) => {
      const external = { host: "db.example.com", database: "app", username: "app", password: "x" };
      fabric.postgres = { external };
    },
    [`${ROOT}.postgres.external.password: a password in plain text in the stack's file`],
  ],
  [
    "two groups of workers, and a gateway that says not which",
    (fabric) => (fabric.workers.other = fabric.workers.worker),
    [`${ROOT}.gateway.workers.serviceName: missing`],
  ],
  [
    "a key that only the composition gives",
    (fabric) => (fabric.queen.namespace = "mine"),
    [`${ROOT}.queen.namespace: unknown key`],
  ],
  [
    "what a planner refuses",
    (fabric) => {
      fabric.postgres.instances = 0;
      fabric.traceUploader.intervalMinutes = 7;
    },
    [
      `${ROOT}.postgres.instances: out of range`,
      expect.stringMatching(/traceUploader\.intervalMinutes: /),
    ],
  ],
];

test.each(wrong)("%s is refused", (_, change, expected) => {
  expect(faults(change).sort()).toEqual(expected);
});

test("an external Consul needs the gateway's token too", () => {
  const external = { address: "https://consul.example.com:8501", caCertificate: "" };
  const change = (fabric: any) => (fabric.consul = { external });
  expect(faults(change)).toContain("kvm-fabric:consulTokens.gateway: missing");
});
