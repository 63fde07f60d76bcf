import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { outputsOf as storeOutputs, storeCall } from "../components/data-store/managed/stores";
import { outputsOf as uploaderOutputs } from "../components/trace-uploader/outputs";
import { awsStackOutputs, azureCall, azureOutputs, gcpOutputs } from "../support/cloud-outputs";
import { type Deployment, type DeployOptions, find, reveal, tree } from "../support/deploy";
import { repository } from "../support/source-files";
import { stackRuns } from "../support/stack-runs";
import { elsewhere, faultsOf, stopTheClock, strayNames } from "../support/stack-settings";

stopTheClock();

const FILES = {
  aws: "Pulumi.prod.yaml",
  gcp: "tests/stacks/settings/Pulumi.gcp.yaml",
  azure: "tests/stacks/settings/Pulumi.azure.yaml",
};
type Cloud = keyof typeof FILES;
const CLOUDS = ["aws", "gcp", "azure"] as const;
const CLASS = { aws: "Aws", gcp: "Gcp", azure: "Azure" };
type Change = (settings: any, fabric: any) => void;

const stackOutputs = { aws: awsStackOutputs, gcp: gcpOutputs, azure: azureOutputs };
const outputsOf =
  (cloud: Cloud): NonNullable<DeployOptions["outputsOf"]> =>
  (type, name, inputs) => ({
    ...(type.startsWith(cloud) && uploaderOutputs?.(type, name, inputs)),
    ...stackOutputs[cloud](type, name, inputs),
    ...storeOutputs(type, name, inputs),
    // Queen's load balancer, once it has an address.
    ...(name === "fabric-queen-uploads-balancer" && {
      status: { loadBalancer: { ingress: [{ ip: "10.64.0.9" }] } },
    }),
  });
const call: NonNullable<DeployOptions["call"]> = (args) =>
  args.token.includes("containerservice") ? azureCall(args) : storeCall(args);

const services = parse(
  fs.readFileSync(path.join(repository, "tests/stacks/settings/managed-services.yaml"), "utf8"),
);

/** Lays the services over a cloud's stack, and changes them. */
function withServices(cloud: Cloud, change: Change = () => undefined) {
  return (fabric: any): void => {
    const laid = structuredClone(services);
    Object.assign(fabric, laid.fabric);
    Object.assign(fabric[cloud], laid[cloud]);
    change(fabric[cloud], fabric);
  };
}

const runs = Object.fromEntries(
  CLOUDS.map((cloud) => [cloud, stackRuns(FILES[cloud], { call, outputsOf: outputsOf(cloud) })]),
) as Record<Cloud, ReturnType<typeof stackRuns>>;
const run = (cloud: Cloud, change?: Change, preview?: boolean) =>
  runs[cloud](withServices(cloud, change), preview);
const faults = (cloud: Cloud, change: Change) =>
  faultsOf(FILES[cloud], withServices(cloud, change));

const component = (deployment: Deployment, type: string, name: string) =>
  find(deployment, `kvm-fabric:index:${type}`, name);
const inDev: Change = (_, fabric) => {
  fabric.environment = "dev";
};

describe.each(CLOUDS)("on %s", (cloud) => {
  const STORES = [
    [`${CLASS[cloud]}Postgres`, "fabric-postgres"],
    [`${CLASS[cloud]}Redis`, "fabric-redis"],
  ] as const;
  const UPLOADER = [`${CLASS[cloud]}TraceUploader`, "fabric-prod-uploader"] as const;
  const DEV_UPLOADER = [UPLOADER[0], "fabric-dev-uploader"] as const;

  test("the cloud runs what the stack's file says, the stores under the names of the cluster's own, and a preview shows it all", async () => {
    const whole = await run(cloud);
    const made = whole.resources
      .filter(({ custom, name }) => !custom && /-(postgres|redis|uploader)$/.test(name))
      .map(({ name, type }) => [type.replace("kvm-fabric:index:", ""), name]);
    expect(made.sort()).toEqual([...STORES, UPLOADER].map((one) => [...one]).sort());
    const stray = strayNames(whole).filter((line) =>
      /fabric-(postgres|redis|prod-uploader)/.test(line),
    );
    expect(stray).toEqual([]);
    expect(tree(await run(cloud, undefined, true))).toEqual(tree(whole));
  });

  test("the cloud's provider makes them, and the cluster's their Secrets", async () => {
    const whole = await run(cloud);
    const sdk = cloud === "azure" ? "azure-native:" : `${cloud}:`;
    const provider = find(whole, `pulumi:providers:${sdk.slice(0, -1)}`, cloud);
    expect(elsewhere(whole, sdk, provider)).toEqual([]);
    const inside = find(whole, "pulumi:providers:kubernetes", "cluster");
    expect(elsewhere(whole, "kubernetes:", inside)).toEqual([]);
  });

  test("the gateway reads the managed stores' Secrets, in its own namespace", async () => {
    const whole = await run(cloud);
    const gateway = find(whole, "kubernetes:apps/v1:Deployment", "fabric-gateway");
    const { env } = reveal(gateway.inputs).spec.template.spec.containers[0];
    const from = (name: string) => env.find((one: any) => one.name === name)?.valueFrom;
    expect(from("DATABASE_URL")).toEqual({
      secretKeyRef: { name: "fabric-postgres-gateway", key: "uri" },
    });
    expect(from("REDIS_URL")).toEqual({
      secretKeyRef: { name: "fabric-redis-gateway", key: "uri" },
    });
    for (const store of ["fabric-postgres", "fabric-redis"]) {
      const secret = find(whole, "kubernetes:core/v1:Secret", `${store}-gateway`);
      expect(secret.parent).toBe(store);
      expect(secret.inputs.metadata).toMatchObject({
        name: `${store}-gateway`,
        namespace: "fabric-services",
      });
    }
  });

  test("what an environment stands for is in them, until the stack says otherwise", async () => {
    const profile = (deployment: Deployment, uploader: readonly [string, string] = UPLOADER) => [
      ...STORES.map(([type, name]) => component(deployment, type, name).inputs.highAvailability),
      component(deployment, ...uploader).inputs.logRetentionDays,
    ];
    const guards = (deployment: Deployment, uploader: readonly [string, string] = UPLOADER) =>
      [...STORES, uploader].map(
        ([type, name]) => component(deployment, type, name).inputs.deletionProtection,
      );
    const [prod, dev] = [await run(cloud), await run(cloud, inDev)];
    expect([profile(prod), guards(prod)]).toEqual([
      [true, true, 365],
      [true, true, true],
    ]);
    expect([profile(dev, DEV_UPLOADER), guards(dev, DEV_UPLOADER)]).toEqual([
      [false, false, 30],
      [false, false, false],
    ]);
    const own = await run(cloud, (settings) => {
      settings.postgres.highAvailability = false;
      settings.traceUploader.logRetentionDays = 90;
    });
    expect(profile(own)).toEqual([false, true, 90]);
  });

  test("stores have the stack's name in the cloud, and their own in the cluster", async () => {
    const named = async (change?: Change) => {
      const deployment = await run(cloud, change);
      return STORES.map(([type, name]) => component(deployment, type, name).inputs.instanceName);
    };
    expect(await named()).toEqual(["fabric-prod-postgres", "fabric-prod-redis"]);
    expect(await named(inDev)).toEqual(["fabric-dev-postgres", "fabric-dev-redis"]);
    const blue: Change = (_, fabric) => (fabric.name = "blue");
    expect(await named(blue)).toEqual(["blue-postgres", "blue-redis"]);
    // As one is called that the stack made under another rule.
    const own: Change = ({ postgres }) => (postgres.instanceName = "orders");
    expect(await named(own)).toEqual(["orders", "fabric-prod-redis"]);
    expect(faults(cloud, ({ redis }) => (redis.instanceName = "Orders"))).toEqual([
      expect.stringContaining(
        `${ROOT}.${cloud}.redis.instanceName: not a name for an instance of `,
      ),
    ]);
  });

  test("the longest name of a stack is short enough for its stores, and one that they cannot have is one fault", () => {
    const named = (name: string) => faults(cloud, (_, fabric) => (fabric.name = name));
    expect(named("a".repeat(31))).toEqual([]);
    for (const name of ["a".repeat(32), "a--b", "A"]) {
      expect(named(name)).toEqual([
        expect.stringContaining(`${ROOT}.name: cannot begin names in the cloud`),
      ]);
    }
  });

  // What the engine then refuses is shown by tests/lab/data-store/stacks.test.ts.
  test("a store that changes who runs it is found again in the state, one way and the other", async () => {
    const own = await run(cloud, ({ postgres: _, redis: __, ...settings }, fabric) => {
      fabric[cloud] = settings;
      fabric.postgres = { image: IN_CLUSTER };
      fabric.redis = { image: IN_CLUSTER };
    });
    const managed = await run(cloud);
    for (const [type, name] of STORES) {
      const inCluster = component(own, type.replace(CLASS[cloud], ""), name);
      const inCloud = component(managed, type, name);
      const found = (deployment: Deployment): string[] =>
        find(deployment, "pulumi:index:Stash", `${name}-mode`).aliases.map(
          ({ spec }) => spec.parenturn,
        );
      expect(found(managed)).toContain(inCluster.urn);
      expect(found(own)).toContain(inCloud.urn);
    }
  });

  test("guards are off in dev and on in prod", async () => {
    const guarded = ({ resources }: Deployment) =>
      resources.filter(
        ({ name, protect, retainOnDelete }) =>
          /^fabric-(postgres|redis|(prod|dev)-uploader)/.test(name) && (protect || retainOnDelete),
      );
    const kept = guarded(await run(cloud)).map(({ name }) => name);
    for (const store of ["postgres", "redis"]) {
      expect(kept.filter((name) => name.startsWith(`fabric-${store}`))).not.toEqual([]);
    }
    expect(kept.filter((name) => name.startsWith("fabric-prod-uploader"))).not.toEqual([]);
    expect(guarded(await run(cloud, inDev))).toEqual([]);
  });

  test("the uploader reaches Queen by the cloud's own load balancer, with an identity of hers", async () => {
    const whole = await run(cloud);
    const queen = component(whole, "Queen", "fabric-queen").inputs;
    expect(queen.loadBalancer).toEqual({ allowedCidrs: ["10.64.0.0/16"], cloud });
    const callers = queen.consumers.map(({ name, role }: any) => `${name}: ${role}`);
    expect(callers).toEqual(["worker: worker", "gateway: gateway", "uploader: uploader"]);
    expect(reveal(component(whole, ...UPLOADER).inputs).queen).toMatchObject({
      clientCertificate: "SERVER CERTIFICATE",
      clientKey: "GENERATED-KEY",
      host: "10.64.0.9",
    });
  });
});

test("on AWS the cluster's security group is let in, beside those of the stack's file", async () => {
  const groups = (deployment: Deployment, store: string) =>
    find(
      deployment,
      "aws:ec2/securityGroup:SecurityGroup",
      `${store}-clients`,
    ).inputs.ingress.flatMap(({ securityGroups }: any) => securityGroups);
  const whole = await run("aws");
  expect(groups(whole, "fabric-postgres")).toEqual(["sg-cluster"]);
  expect(groups(whole, "fabric-redis")).toEqual(["sg-cluster"]);
  const more = await run("aws", ({ postgres }) => {
    postgres.allowedSecurityGroupIds = ["sg-0123456789abcdef0"];
  });
  expect(groups(more, "fabric-postgres").sort()).toEqual(["sg-0123456789abcdef0", "sg-cluster"]);
});

const STORE_CLASSES = { gcp: "GcpPostgres", azure: "AzurePostgres" };
const rangesOf = (deployment: Deployment, cloud: keyof typeof STORE_CLASSES) =>
  component(deployment, STORE_CLASSES[cloud], "fabric-postgres").inputs.allowedCidrs;

test.each<[string, keyof typeof STORE_CLASSES, Change, string[]]>([
  ["the pods' own range", "gcp", () => undefined, ["10.68.0.0/14"]],
  ["the pods' default range", "gcp", ({ network }) => delete network.podCidr, ["10.4.0.0/14"]],
  [
    "the ranges of the stack's file",
    "gcp",
    ({ postgres }) => (postgres.allowedCidrs = ["10.68.0.0/16"]),
    ["10.68.0.0/16"],
  ],
  ["the network's own range", "azure", () => undefined, ["10.64.0.0/16"]],
  [
    "the ranges of the stack's file",
    "azure",
    ({ postgres }) => (postgres.allowedCidrs = ["10.64.0.0/20"]),
    ["10.64.0.0/20"],
  ],
  ["the range of a network that exists", "azure", onExistingVnet, ["10.80.0.0/16"]],
])("clients come from %s on %s", async (_, cloud, change, expected) => {
  expect(rangesOf(await run(cloud, change), cloud)).toEqual(expected);
});

function onExistingVnet(azure: any): void {
  const vnetId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v";
  delete azure.network;
  azure.existingNetwork = {
    location: "westeurope",
    nodeSubnetId: `${vnetId}/subnets/nodes`,
    resourceGroupName: "network-group",
    vnetCidr: "10.80.0.0/16",
    vnetId,
  };
}

function onExistingGcpNetwork(gcp: any): void {
  delete gcp.network;
  gcp.existingNetwork = {
    networkId: "network-1",
    podRangeName: "p",
    region: "europe-west1",
    serviceRangeName: "s",
    subnetworkId: "subnetwork-1",
  };
}

test("on Azure one comes after the other: its network is changed once at a time", async () => {
  const whole = await run("azure");
  const redis = component(whole, "AzureRedis", "fabric-redis");
  const uploader = component(whole, "AzureTraceUploader", "fabric-prod-uploader");
  const postgres = component(whole, "AzurePostgres", "fabric-postgres");
  expect(redis.dependsOn.some((name) => name.startsWith("fabric-postgres"))).toBe(true);
  expect(uploader.dependsOn.some((name) => name.startsWith("fabric-redis"))).toBe(true);
  expect(postgres.dependsOn.filter((name) => /^fabric-(redis|prod-uploader)/.test(name))).toEqual(
    [],
  );
});

test("stores without a gateway have no consumer", async () => {
  const whole = await run("gcp", (_, fabric) => delete fabric.gateway);
  expect(component(whole, "GcpPostgres", "fabric-postgres").inputs.consumers).toEqual([]);
});

test("the stack says where gateway and Queen are, or that it has none", async () => {
  const exposed = await run("aws", (_, { gateway }) => {
    gateway.hosts = ["api.example.com"];
    gateway.clients = [{ namespace: "traefik" }];
    gateway.ingress = { className: "traefik", tls: { clusterIssuer: "letsencrypt" } };
  });
  expect(exposed.stackOutputs).toMatchObject({
    gatewayUrls: ["https://api.example.com"],
    queenHost: "fabric-queen.fabric-agents.svc",
  });
  const without = await run("aws", ({ traceUploader: _, ...settings }, fabric) => {
    fabric.aws = settings;
    delete fabric.queen;
    delete fabric.gateway;
  });
  expect(without.stackOutputs).toMatchObject({ gatewayUrls: [], queenHost: "" });
});

const ROOT = "kvm-fabric:fabric";
const IN_CLUSTER = `registry.example.com/one:17@sha256:${"7".repeat(64)}`;

test.each(CLOUDS)("on %s what runs twice is refused, all at once", (cloud) => {
  const twice: Change = (_, fabric) => {
    fabric.postgres = { image: IN_CLUSTER };
    fabric.redis = { image: IN_CLUSTER };
    fabric.traceUploader = { image: IN_CLUSTER, store: { bucket: "traces" } };
  };
  expect(faults(cloud, twice)).toEqual([
    `${ROOT}.${cloud}.postgres: given beside postgres; try one of postgres and ${cloud}.postgres`,
    `${ROOT}.${cloud}.redis: given beside redis; try one of redis and ${cloud}.redis`,
    `${ROOT}.${cloud}.traceUploader: given beside traceUploader; try one of traceUploader and ${cloud}.traceUploader`,
  ]);
});

test.each(CLOUDS)("on %s an uploader needs Queen, and a way to her", (cloud) => {
  const none = faults(cloud, (_, fabric) => delete fabric.queen);
  expect(none).toEqual([
    `${ROOT}.${cloud}.traceUploader: an uploader without a queen whose traces it would move; try queen`,
  ]);
  const noWay = faults(cloud, (_, fabric) => delete fabric.queen.loadBalancer);
  expect(noWay).toEqual([
    `${ROOT}.queen.loadBalancer: missing: ${cloud}.traceUploader has no other way to her, allowed an object with allowedCidrs`,
  ]);
  const other = cloud === "aws" ? "gcp" : "aws";
  const elsewhereOf = faults(cloud, (_, { queen }) => (queen.loadBalancer.cloud = other));
  expect(elsewhereOf).toEqual([
    expect.stringContaining(`${ROOT}.queen.loadBalancer.cloud: another cloud than the stack's`),
  ]);
  const issuer = { name: "mine", caCertificate: "" };
  const kept = faults(cloud, (_, { queen }) => (queen.certificates = { issuer }));
  expect(kept).toContainEqual(
    expect.stringContaining(`${ROOT}.queen.certificates.issuer: an authority that keeps`),
  );
});

test.each<[string, Cloud, Change, string[]]>([
  [
    "what RDS, ElastiCache and Lambda refuse",
    "aws",
    ({ postgres, redis, traceUploader }) => {
      delete postgres.caCertificate;
      postgres.storageGib = 1;
      redis.size = "cache.t4g.micro";
      redis.version = "6.2";
      traceUploader.storePrefixListId = "s3";
    },
    [
      "aws.postgres.storageGib: ",
      "aws.postgres.caCertificate: missing: consumers cannot tell the server",
      "aws.redis.size: too small",
      "aws.redis.version: ",
      "aws.traceUploader.storePrefixListId: not the id of a prefix list",
    ],
  ],
  [
    "what Cloud SQL, Memorystore and Cloud Run refuse",
    "gcp",
    ({ postgres, redis, traceUploader }) => {
      postgres.version = "9";
      redis.memoryGib = 0;
      traceUploader.queenCidrs = [];
    },
    ["gcp.postgres.version: ", "gcp.redis.memoryGib: ", "gcp.traceUploader.queenCidrs: empty"],
  ],
  [
    "what Flexible Server, Azure Managed Redis and Functions refuse",
    "azure",
    ({ postgres, redis, traceUploader }) => {
      delete postgres.subnetCidr;
      redis.size = "Balanced_B0";
      traceUploader.subnetCidr = "10.64.0.0/16";
    },
    [
      "azure.postgres.subnetCidr: missing: the store needs a place",
      "azure.redis.size: too small",
      "azure.traceUploader.subnetCidr: not a range for a subnet of functions",
    ],
  ],
  [
    "a network that exists, whose range of pods nobody says",
    "gcp",
    onExistingGcpNetwork,
    ["gcp.postgres.allowedCidrs: names no client", "gcp.redis.allowedCidrs: names no client"],
  ],
  [
    "what the composition gives by itself",
    "aws",
    ({ postgres, redis, traceUploader }) => {
      postgres.deletionProtection = false;
      redis.consumers = [];
      traceUploader.queen = {};
    },
    [
      "aws.postgres.deletionProtection: unknown key",
      "aws.redis.consumers: unknown key",
      "aws.traceUploader.queen: unknown key",
    ],
  ],
  [
    "a wrong type, beside a fault that is none of it",
    "azure",
    ({ postgres, redis }) => {
      postgres.backupRetentionDays = "many";
      redis.size = "Balanced_B0";
    },
    ["azure.postgres.backupRetentionDays: wrong type", "azure.redis.size: too small"],
  ],
])("%s is refused, all at once", (_, cloud, change, expected) => {
  expect(faults(cloud, change)).toEqual(
    expected.map((text) => expect.stringContaining(`${ROOT}.${text}`) as unknown),
  );
});

test("a load balancer of a cluster that is somebody else's says whose it is", () => {
  const onKubernetes: Change = (_, fabric) => {
    fabric.target = "kubernetes";
    fabric.kubernetes = { context: "c" };
    delete fabric.aws;
  };
  expect(faults("aws", onKubernetes)).toEqual([
    `${ROOT}.queen.loadBalancer.cloud: missing, allowed aws, gcp, azure`,
  ]);
  const said: Change = (settings, fabric) => {
    onKubernetes(settings, fabric);
    fabric.queen.loadBalancer.cloud = "aws";
  };
  expect(faults("aws", said)).toEqual([]);
});
