import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { nodeArguments } from "../../lab/node-command";
import { namespacesArgs } from "../../stacks/arguments";
import { readConfig } from "../../stacks/config";
import { deployTarget } from "../../stacks/targets";
import { AUTHORITY } from "../unit/components/consul/authority";
import { type Deployment, deploy, find, redact, reveal, tree } from "../support/deploy";
import { repository } from "../support/source-files";
import { generatedOutputs as outputsOf } from "../support/generated";
import { remember } from "../support/remember";

const GOLDEN = path.join(__dirname, "fabric.golden.txt");
const CLUSTER = "pulumi:providers:kubernetes";

/** The configuration of the dev stack as the engine passes it on, changed. */
function devStack(change: (fabric: any) => void = () => undefined): Record<string, string> {
  const file = path.join(repository, "Pulumi.dev.yaml");
  const { config } = parse(fs.readFileSync(file, "utf8"));
  change(config["kvm-fabric:fabric"]);
  return { "kvm-fabric:fabric": JSON.stringify(config["kvm-fabric:fabric"]) };
}

const run = remember((config: Record<string, string> = devStack(), preview?: boolean) =>
  deploy(() => deployTarget(readConfig()), { config, preview, outputsOf }),
);

const labels = ({ resources }: Deployment, wanted: (r: Deployment["resources"][0]) => boolean) =>
  resources
    .filter(wanted)
    .map(({ type, name }) => `${type} ${name}`)
    .sort();

test("the dev stack is exactly the golden tree, and no less is shown by a preview", async () => {
  const known = tree(await run());
  if (process.env.KVM_FABRIC_UPDATE_GOLDEN === "1") {
    fs.writeFileSync(GOLDEN, `${known.join("\n")}\n`);
  }
  expect(known).toEqual(fs.readFileSync(GOLDEN, "utf8").trimEnd().split("\n"));
  expect(tree(await run(devStack(), true))).toEqual(known);
});

test("nothing is an orphan, and every name begins with its parent's", async () => {
  const { resources } = await run();
  const tops = resources.filter(({ parent }) => parent === "");
  expect(tops.filter(({ custom }) => custom).map(({ name }) => name)).toEqual(["cluster"]);
  const strays = resources.filter(({ name, parent }) => {
    return parent !== "" && name !== parent && !name.startsWith(`${parent}-`);
  });
  expect(strays.map(({ name, parent }) => `${name} < ${parent}`)).toEqual([]);
});

test.each([false, true])(
  "every Kubernetes object goes to the context that is configured (preview: %s)",
  async (preview) => {
    const fabric = await run(
      devStack((config) => (config.kubernetes.context = "another-cluster")),
      preview,
    );
    const cluster = find(fabric, CLUSTER, "cluster");
    // Without an identifier, renewed credentials would look like another cluster: all would be replaced.
    expect(cluster.inputs).toMatchObject({
      context: "another-cluster",
      clusterIdentifier: "another-cluster",
    });
    const objects = fabric.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(objects.length).toBeGreaterThan(20);
    const elsewhere = objects.filter(({ provider }) => !provider.startsWith(`${cluster.urn}::`));
    expect(elsewhere.map(({ name }) => name)).toEqual([]);
  },
);

test("the outputs name what was stood up", async () => {
  const { stackOutputs } = await run();
  expect(stackOutputs).toMatchObject({
    namespaces: { agents: "fabric-agents", services: "fabric-services" },
    assetSet: expect.stringMatching(/^assets-[0-9a-f]{20}$/),
    consulAddress: "https://fabric-consul.fabric-services.svc:8501",
    gatewayUrls: ["https://fabric.example.com"],
    queenHost: "fabric-queen.fabric-agents.svc",
    workers: { worker: "fabric-worker" },
  });
});

// Queen's set of one pod holds nothing without its volume: nobody deletes it by mistake, but it need not outlive anything.
const QUEENS_POD = "kubernetes:apps/v1:StatefulSet fabric-queen";
// A certificate is not among them: it is made again from the key that it stands on.
const STATEFUL = [
  "kubernetes:apps/v1:StatefulSet fabric-consul",
  QUEENS_POD,
  "kubernetes:apps/v1:StatefulSet fabric-redis",
  "kubernetes:core/v1:PersistentVolumeClaim fabric-consul-snapshots",
  "kubernetes:core/v1:PersistentVolumeClaim fabric-queen-srv",
  "kubernetes:core/v1:Secret fabric-consul-keys",
  "random:index/randomBytes:RandomBytes fabric-consul-gossip-key",
  "random:index/randomPassword:RandomPassword fabric-consul-token-seed",
  "tls:index/privateKey:PrivateKey fabric-consul-ca-key",
  "tls:index/privateKey:PrivateKey fabric-queen-ca-key",
  "tls:index/privateKey:PrivateKey fabric-redis-ca-key",
];

test.each(["staging", "prod", "dr"])(
  "in %s what holds data is protected and outlives its resource, and nothing else",
  async (environment) => {
    const fabric = await run(devStack((config) => (config.environment = environment)));
    expect(labels(fabric, ({ protect }) => protect)).toEqual(STATEFUL);
    expect(labels(fabric, ({ retainOnDelete }) => retainOnDelete)).toEqual(
      STATEFUL.filter((label) => label !== QUEENS_POD),
    );
  },
);

test("in dev nothing is: a destroy leaves nothing", async () => {
  const fabric = await run();
  expect(labels(fabric, ({ protect, retainOnDelete }) => protect || retainOnDelete)).toEqual([]);
});

test("a group of QEMU workers without a health port gets no token, one with it does", async () => {
  const fabric = await run(
    devStack((config) => {
      const { image } = config.workers.worker;
      config.gateway.workers = { serviceName: "worker" };
      config.workers.quiet = { image, vmm: "qemu" };
      config.workers.answering = { image, vmm: "qemu", healthPort: 8081 };
    }),
  );
  const names = labels(fabric, ({ type }) => type === "kubernetes:core/v1:Secret");
  expect(names.filter((name) => name.endsWith("-token"))).toEqual([
    "kubernetes:core/v1:Secret fabric-consul-answering-token",
    "kubernetes:core/v1:Secret fabric-consul-gateway-token",
    "kubernetes:core/v1:Secret fabric-consul-worker-token",
  ]);
  const variables = (group: string): string[] =>
    find(
      fabric,
      "kubernetes:apps/v1:DaemonSet",
      `fabric-${group}`,
    ).inputs.spec.template.spec.containers[0].env.map(({ name }: { name: string }) => name);
  expect(variables("quiet").filter((name) => name.startsWith("CONSUL_"))).toEqual([]);
  expect(variables("answering")).toContain("CONSUL_HTTP_TOKEN");
});

const CLUSTER_SCOPED = /:(ClusterRole|ClusterRoleBinding|Namespace|PriorityClass)$|:Validating/;

test("every object of the whole cluster is recognisably the fabric's", async () => {
  const { resources } = await run();
  const found = resources.filter(({ type }) => CLUSTER_SCOPED.test(type));
  const called: string[] = found.map(({ inputs }) => inputs.metadata.name);
  expect(called.length).toBeGreaterThan(5);
  expect(called.filter((name) => !name.startsWith("fabric-"))).toEqual([]);
});

test("a group is called by its own name in Consul, or as its registration says", async () => {
  const fabric = await run(
    devStack((config) => {
      config.gateway.workers = { serviceName: "worker" };
      config.workers.other = { ...config.workers.worker, pool: "other" };
      config.workers.other.registration = { serviceName: "jobs" };
    }),
  );
  const variable = (group: string, wanted: string) => {
    const { inputs } = find(fabric, "kubernetes:apps/v1:DaemonSet", `fabric-${group}`);
    const [container] = inputs.spec.template.spec.containers;
    return container.env.find(({ name }: { name: string }) => name === wanted).value;
  };
  expect(variable("worker", "CONSUL_SERVICE_NAME")).toBe("worker");
  expect(variable("other", "CONSUL_SERVICE_NAME")).toBe("jobs");
  const { data } = find(fabric, "kubernetes:core/v1:ConfigMap", "fabric-consul-acl").inputs;
  expect(data["policy-for-worker.json"]).toContain('\\"worker\\"');
  expect(data["policy-for-other.json"]).toContain('\\"jobs\\"');
});

test("network policies let through the ports and the Consul that the configuration chose", () => {
  const flows = (change: (fabric: any) => void) => {
    const { config } = parse(fs.readFileSync(path.join(repository, "Pulumi.dev.yaml"), "utf8"));
    const fabric = config["kvm-fabric:fabric"];
    delete fabric.gateway;
    change(fabric);
    return namespacesArgs({ ...fabric, consulTokens: {} }).flows;
  };
  const server = { zone: "services", app: "consul", component: "server" };
  const worker = { zone: "agents", app: "worker" };
  expect(flows(() => undefined)).toEqual([]);
  expect(flows((fabric) => (fabric.workers.worker.healthPort = 9000))).toEqual([
    { from: server, to: worker, ports: [{ port: 9000 }] },
  ]);
  const inHostNetwork = (fabric: any) => {
    fabric.namespaces = { nodeCidrs: ["10.0.0.0/16"] };
    fabric.workers.worker.healthPort = 9000;
  };
  expect(flows(inHostNetwork)).toEqual([
    { from: server, to: worker, ports: [{ port: 9000 }] },
    { from: server, to: { cidrs: ["10.0.0.0/16"] }, ports: [{ port: 9000 }] },
  ]);
  const address = "https://consul.example.com:8501";
  const outside = { from: worker, to: { cidrs: ["0.0.0.0/0", "::/0"] }, ports: [{ port: 8501 }] };
  expect(flows((fabric) => (fabric.consul = { external: { address, caCertificate: "" } }))).toEqual(
    [outside],
  );
  expect(flows((fabric) => (fabric.gateway = { workers: { ports: [9000] } }))).toEqual([
    {
      from: { zone: "services", app: "api-gateway" },
      to: server,
      ports: [{ port: 8501 }],
    },
    { from: { zone: "services", app: "api-gateway" }, to: worker, ports: [{ port: 9000 }] },
  ]);
});

test("tokens are secret from the start, and what is no JSON is not repeated", async () => {
  const external = { address: "https://consul.example.com:8501", caCertificate: AUTHORITY };
  const config = devStack((fabric) => (fabric.consul = { external }));
  const right = await run({
    ...config,
    [TOKENS]: JSON.stringify({ worker: "TOP-SECRET", gateway: "ANOTHER" }),
  });
  const secret = find(right, "kubernetes:core/v1:Secret", "fabric-consul-worker-token").inputs;
  expect(reveal(secret).stringData).toEqual({ token: "TOP-SECRET" });
  expect(JSON.stringify(right.resources.map(({ inputs }) => redact(inputs)))).not.toContain(
    "TOP-SECRET",
  );
  let message = "";
  await deploy(
    () => {
      try {
        readConfig();
      } catch (error) {
        message = String(error);
      }
    },
    { config: { ...config, [TOKENS]: "{ TOP-SECRET" }, outputsOf },
  );
  expect(message).toContain(`${TOKENS}: not an object`);
  expect(message).not.toContain("TOP-SECRET");
});

const TOKENS = "kvm-fabric:consulTokens";

// A fresh process, since this one has long loaded everything.
test("a stack loads its own target alone, and no cloud's SDK", () => {
  const program = `
    const { deploy } = require("./tests/support/deploy");
    const { generatedOutputs: outputsOf } = require("./tests/support/generated");
    const { readConfig } = require("./stacks/config");
    const { deployTarget } = require("./stacks/targets");
    const matches = (pattern) => [
      ...new Set(Object.keys(require.cache).map((file) => pattern.exec(file)?.[1])),
    ].filter(Boolean).sort();
    const targets = () => matches(/stacks\\/targets\\/([^/]+)\\.ts$/);
    const before = targets();
    const config = JSON.parse(process.env.STACK_CONFIG);
    deploy(() => deployTarget(readConfig()), { config, outputsOf }).then(({ resources }) => {
      const sdks = matches(/node_modules\\/(@pulumi\\/[^/]+)\\//);
      console.log(JSON.stringify({ before, after: targets(), sdks, made: resources.length > 20 }));
    });`;
  const output = execFileSync(process.execPath, nodeArguments("--eval", program), {
    cwd: repository,
    env: { ...process.env, STACK_CONFIG: JSON.stringify(devStack()) },
    encoding: "utf8",
  });
  expect(JSON.parse(output)).toEqual({
    before: ["index"],
    after: ["index", "kubernetes"],
    sdks: ["@pulumi/kubernetes", "@pulumi/pulumi", "@pulumi/random", "@pulumi/tls"],
    made: true,
  });
});
