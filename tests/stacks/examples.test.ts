import * as fs from "node:fs";
import * as path from "node:path";
import { readConfig } from "../../stacks/config";
import { deployTarget } from "../../stacks/targets";
import { deploy, find, reveal, tree, type Deployment } from "../support/deploy";
import { devConfig, runExample } from "../support/examples";
import { repository } from "../support/source-files";
import { generatedOutputs as outputsOf } from "../support/generated";
import { remember } from "../support/remember";

const EXAMPLES = path.join(repository, "examples");
/** The programs for a cluster that exists: those whose configuration names its context. */
const examples = fs
  .readdirSync(EXAMPLES)
  .filter((example) => fs.existsSync(path.join(EXAMPLES, example, "Pulumi.dev.yaml")))
  .filter((example) => `${example}:context` in devConfig(path.join(EXAMPLES, example)));

/** Runs an example's program from its own file, once for all tests. */
const run = remember((example: string, preview?: boolean) =>
  runExample(example, { preview, outputsOf }),
);

const isComponent = ({ custom }: { custom: boolean }) => !custom;
const CLUSTER_SCOPED = /:(ClusterRole|ClusterRoleBinding|Namespace|PriorityClass)$|:Validating/;

/** Kind and name of every object that belongs to no namespace. */
function clusterScoped({ resources }: Deployment): string[] {
  return resources
    .filter(({ type }) => CLUSTER_SCOPED.test(type))
    .map(({ type, inputs }) => `${type} ${inputs.metadata.name}`);
}

/** What the specifications speak of: the DaemonSet's pod. */
function podOf(deployment: Deployment, daemonSet: string) {
  const { inputs } = find(deployment, "kubernetes:apps/v1:DaemonSet", daemonSet);
  const { metadata, spec } = reveal(inputs);
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const environment: Record<string, any> = Object.fromEntries(
    container.env.map(({ name, value, valueFrom }: any) => [name, value ?? valueFrom]),
  );
  return { metadata, pod, container, environment };
}

describe.each(examples)("%s", (example) => {
  test("is a program of at most 60 lines that imports the package as anybody would", () => {
    const text = fs.readFileSync(path.join(EXAMPLES, example, "index.ts"), "utf8");
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
    const imported = [...text.matchAll(/ from "([^"]+)";/g)].map(([, module]) => module);
    expect(imported).toContain("kvm-fabric/kubernetes");
    expect(imported.filter((module) => module?.startsWith("."))).toEqual([]);
  });

  test("has no orphan, and every name begins with its component's", async () => {
    const deployment = await run(example);
    const tops = deployment.resources.filter(({ parent }) => parent === "");
    expect(tops.filter(({ custom }) => custom).map(({ name }) => name)).toEqual(["cluster"]);
    const components = tops.filter(isComponent).map(({ name }) => name);
    const children = deployment.resources.filter(({ parent }) => parent !== "");
    expect(children.length).toBeGreaterThan(10);
    for (const { name, parent } of children) {
      expect(components).toContain(parent);
      expect(`${name}-`.startsWith(`${parent}-`)).toBe(true);
    }
  });

  test("shows the same tree in a preview, where nothing is known yet", async () => {
    expect(tree(await run(example, true))).toEqual(tree(await run(example)));
  });

  test("goes to the context of its configuration, and nowhere else", async () => {
    const { resources } = await run(example);
    const provider = resources.find(({ type }) => type === "pulumi:providers:kubernetes");
    const context = devConfig(path.join(EXAMPLES, example))[`${example}:context`];
    expect(provider?.inputs).toMatchObject({ context, clusterIdentifier: context });
    const elsewhere = resources.filter(
      (resource) =>
        resource.type.startsWith("kubernetes:") &&
        !resource.provider.startsWith(`${provider?.urn}::`),
    );
    expect(elsewhere.map(({ name }) => name)).toEqual([]);
  });
});

test("no two programs make the same object of the whole cluster", async () => {
  const config = devConfig(repository);
  const fabric = await deploy(() => deployTarget(readConfig()), { config, outputsOf });
  const programs = [fabric, ...(await Promise.all(examples.map((example) => run(example))))];
  const objects = programs.map(clusterScoped);
  expect(objects.map(({ length }) => length > 5)).toEqual(programs.map(() => true));
  const all = objects.flat();
  expect(all.filter((object, index) => all.indexOf(object) < index)).toEqual([]);
});

describe("aetherium is what its guide asks for", () => {
  let deployment: Deployment;
  let worker: ReturnType<typeof podOf>;

  beforeAll(async () => {
    deployment = await run("aetherium");
    worker = podOf(deployment, "aetherium-worker");
  });

  test("one worker a KVM node, on nodes that may be dedicated to workers", () => {
    expect(worker.metadata.name).toBe("aetherium-worker");
    expect(worker.pod.nodeSelector).toMatchObject({ "aetherium.io/kvm-enabled": "true" });
    expect(worker.pod.tolerations).toEqual([
      { key: "aetherium.io/worker", operator: "Equal", value: "true", effect: "NoSchedule" },
    ]);
  });

  test("services in namespace aetherium, under the names that the guide calls them by", () => {
    const names = (kind: string) =>
      deployment.resources
        .filter(({ type }) => type.endsWith(`:${kind}`))
        .map(({ inputs }) => `${inputs.metadata.namespace ?? ""}/${inputs.metadata.name}`);
    expect(names("Namespace").sort()).toEqual(["/aetherium", "/aetherium-agents"]);
    expect(names("StatefulSet")).toEqual(["aetherium/aetherium-consul"]);
    expect(names("Service")).toContain("aetherium/aetherium-consul");
  });

  test("kernel, root file system and Firecracker at /var/firecracker, checked before the start", () => {
    const [hold, verify] = worker.pod.initContainers;
    expect([hold.name, verify.name]).toEqual(["hold", "verify-host"]);
    const subPath = expect.stringMatching(/^versions\/assets-[0-9a-f]{20}$/);
    const mount = { name: "assets", mountPath: "/var/firecracker", readOnly: true, subPath };
    expect(verify.volumeMounts).toEqual([mount]);
    expect(worker.container.volumeMounts).toContainEqual(mount);
    expect(verify.env).toContainEqual({
      name: "ASSET_FILES",
      value: "firecracker vmlinux rootfs.ext4",
    });
  });

  test("health on port 8081", () => {
    expect(worker.container.ports).toEqual([
      { name: "health", containerPort: 8081, protocol: "TCP" },
    ]);
    expect(worker.container.readinessProbe.httpGet).toMatchObject({
      path: "/health",
      port: "health",
    });
  });

  test("the registration in Consul, to the letter", () => {
    const { environment } = worker;
    expect(environment.NODE_NAME).toEqual({ fieldRef: { fieldPath: "spec.nodeName" } });
    expect(environment.POD_IP).toEqual({ fieldRef: { fieldPath: "status.podIP" } });
    const resolved = environment.CONSUL_SERVICE_REGISTRATION.replaceAll("$(NODE_NAME)", "n1");
    const { Check: check, ...body } = JSON.parse(resolved.replaceAll("$(POD_IP)", "10.0.0.7"));
    expect(body).toEqual({
      ID: "aetherium-worker-n1",
      Name: "aetherium-worker",
      Tags: ["worker", "firecracker", "kvm"],
      Address: "10.0.0.7",
      Port: 8081,
      Meta: { node: "n1", kvm_enabled: "true" },
    });
    expect(check).toMatchObject({ HTTP: "http://10.0.0.7:8081/health", Interval: "10s" });
    expect(environment).toMatchObject({
      CONSUL_HTTP_ADDR: "https://aetherium-consul.aetherium.svc:8501",
      CONSUL_SERVICE_NAME: "aetherium-worker",
      CONSUL_SERVICE_TAGS: "worker,firecracker,kvm",
      CONSUL_SERVICE_PORT: "8081",
    });
  });

  test("a token for the gateway beside the workers', each where its reader is", () => {
    const tokens = deployment.resources
      .filter(({ type, name }) => type.endsWith(":Secret") && name.endsWith("-token"))
      .map(({ inputs }) => `${inputs.metadata.namespace}/${inputs.metadata.name}`);
    expect(tokens.sort()).toEqual([
      "aetherium-agents/aetherium-consul-aetherium-worker-token",
      "aetherium/aetherium-consul-aetherium-api-gateway-token",
    ]);
  });

  test("no privilege that the guests' network does not take", () => {
    expect(worker.pod.hostNetwork).toBeUndefined();
    expect(worker.container.securityContext).toMatchObject({
      privileged: false,
      capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] },
    });
    expect(worker.container.resources.limits).toMatchObject({ "aetherium.io/kvm": "1" });
    expect(worker.pod.securityContext.sysctls).toEqual([
      { name: "net.ipv4.ip_forward", value: "1" },
    ]);
  });

  test("the provisioner installs Firecracker, its jailer, kernel and root file system", () => {
    const files = find(
      deployment,
      "kubernetes:core/v1:ConfigMap",
      "aetherium-provisioner-files",
    ).inputs;
    const text = Object.values(files.data).join("\n");
    for (const name of ["firecracker", "jailer", "vmlinux", "rootfs.ext4"]) {
      expect(text).toMatch(new RegExp(`(^|\\s)${name.replace(".", "\\.")}(\\s|$)`, "m"));
    }
  });
});

describe("cohesix is what its document asks for", () => {
  let deployment: Deployment;
  let worker: ReturnType<typeof podOf>;

  beforeAll(async () => {
    deployment = await run("cohesix");
    worker = podOf(deployment, "cohesix-worker");
  });

  test("QEMU boots cohesix.efi as a DroneWorker with 2048 MiB", () => {
    expect(worker.metadata.name).toBe("cohesix-worker");
    expect(worker.environment.ROLE).toBe("DroneWorker");
    const command = worker.container.command.join(" ").replaceAll("$(ROLE)", "DroneWorker");
    expect(`${command} `).toMatch(
      /^qemu-system-x86_64 -m 2048 -kernel \/assets\/cohesix\.efi -append COHROLE=DroneWorker /,
    );
    expect(worker.container.volumeMounts).toContainEqual({
      ...{ name: "assets", mountPath: "/assets", readOnly: true },
      subPath: expect.stringMatching(/^versions\/assets-[0-9a-f]{20}$/),
    });
  });

  test("workers and provisioner run on nodes with the taint virtualization", () => {
    const toleration = { key: "virtualization", operator: "Exists" };
    expect(worker.pod.tolerations).toContainEqual(toleration);
    const { pod } = podOf(deployment, "cohesix-provisioner-agents");
    expect(pod.tolerations).toContainEqual(toleration);
  });

  test("without Consul, and without any privilege", () => {
    const names = Object.keys(worker.environment);
    expect(names.filter((name) => name.startsWith("CONSUL_"))).toEqual([]);
    expect(worker.container.securityContext).toMatchObject({
      privileged: false,
      capabilities: { drop: ["ALL"] },
    });
    expect(worker.container.securityContext.capabilities.add).toBeUndefined();
    expect(worker.container.resources.limits).toMatchObject({
      "cohesix.example.com/kvm": "1",
      memory: "2560Mi",
    });
  });
});
