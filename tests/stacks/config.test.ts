import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { renderFault } from "../../components/shared/faults";
import { parseConfig } from "../../stacks/config";
import type { FabricConfig, WorkerConfig } from "../../stacks/schema";
import type { ConsulArgs } from "../../components/consul/args";
import type { NamespacesArgs } from "../../components/namespaces/namespaces";
import type { NodeProvisionerArgs } from "../../components/node-provisioner/node-provisioner";
import type { WorkerDaemonSetArgs } from "../../components/worker/args";
import { AUTHORITY } from "../unit/components/consul/authority";

// Checked by `npm run types`: a key of the configuration that no component has would be silently ignored.
type Stray<Config, Args> = Exclude<keyof Config, keyof Args>;
const strays: [
  [Stray<FabricConfig["provisioner"], NodeProvisionerArgs>] extends [never] ? 0 : 1,
  [Stray<FabricConfig["namespaces"] & object, NamespacesArgs>] extends [never] ? 0 : 1,
  [Stray<FabricConfig["consul"], ConsulArgs>] extends [never] ? 0 : 1,
  [Stray<Omit<WorkerConfig, "pool">, WorkerDaemonSetArgs>] extends [never] ? 0 : 1,
] = [0, 0, 0, 0];

test("every key of the configuration is an argument of its component", () => {
  expect(strays).toEqual([0, 0, 0, 0]);
});

const repository = path.resolve(__dirname, "../..");

/** The dev stack's own settings, changed. */
function devConfig(change: (config: any) => void = () => undefined): any {
  const file = path.join(repository, "Pulumi.dev.yaml");
  const config = parse(fs.readFileSync(file, "utf8")).config["kvm-fabric:fabric"];
  change(config);
  return config;
}

function faults(change: (config: any) => void): string[] {
  const result = parseConfig(devConfig(change));
  return result.ok ? [] : result.faults.map(renderFault);
}

test.each(fs.readdirSync(repository).filter((file) => /^Pulumi\..+\.yaml$/.test(file)))(
  "%s is a right configuration",
  (file) => {
    const { config } = parse(fs.readFileSync(path.join(repository, file), "utf8"));
    expect(parseConfig(config["kvm-fabric:fabric"])).toMatchObject({ ok: true });
  },
);

test("no configuration at all", () => {
  const result = parseConfig(undefined);
  expect(result.ok ? [] : result.faults.map(renderFault)).toEqual([
    "kvm-fabric:fabric: missing, allowed an object; try a copy of Pulumi.dev.yaml for your stack",
  ]);
});

const privileged = { isolation: "privileged-host-network", privilegedReasons: ["a bridge"] };

const wrong: [string, (config: any) => void, string[]][] = [
  [
    "an unknown key, with the one that was meant",
    (config) => (config.worker = config.workers),
    [
      'kvm-fabric:fabric.worker: unknown key, allowed environment, target, consul, provisioner, workers, aws, azure, bareMetal, deletionProtection, domain, gcp, name, kubernetes, namespaces, gateway, postgres, queen, redis, traceUploader; try "workers"',
    ],
  ],
  [
    "an unknown key in the depth",
    (config) => (config.workers.worker.imag = "x"),
    [
      expect.stringMatching(
        /^kvm-fabric:fabric\.workers\.worker\.imag: unknown key, allowed .*; try "image"$/,
      ),
    ],
  ],
  [
    "an image by tag",
    (config) => (config.workers.worker.image = "registry.example.com/worker:latest"),
    [
      'kvm-fabric:fabric.workers.worker.image: an image that is not pinned by digest, got "registry.example.com/worker:latest", allowed registry/name[:tag]@sha256:<64 hexadecimal digits>; try the digest that `docker buildx imagetools inspect IMAGE` prints',
    ],
  ],
  [
    "a digest that is too short",
    (config) => (config.consul.image = `consul@sha256:${"a".repeat(63)}`),
    [
      expect.stringMatching(
        /^kvm-fabric:fabric\.consul\.image: an image that is not pinned by digest, got "consul@/,
      ),
    ],
  ],
  [
    "a missing sum",
    (config) => delete config.provisioner.assets.amd64.kernel.sha256,
    [
      "kvm-fabric:fabric.provisioner.assets.amd64.kernel.sha256: missing, allowed 64 lower-case hexadecimal digits; try the sum that `sha256sum FILE` prints for the very file",
    ],
  ],
  [
    "a negative count",
    (config) => (config.consul.servers = -3),
    [expect.stringMatching(/^kvm-fabric:fabric\.consul\.servers: .*got -3, allowed 1, 3, 5/)],
  ],
  [
    "an unknown target",
    (config) => (config.target = "kubernets"),
    [
      'kvm-fabric:fabric.target: not one of the values allowed, got "kubernets", allowed kubernetes, aws, gcp, azure, bare-metal; try "kubernetes"',
    ],
  ],
  [
    "a target without its settings, beside another's",
    (config) => (config.target = "aws"),
    [
      'kvm-fabric:fabric.kubernetes: settings of another target than aws; try target "kubernetes", or no kubernetes',
      "kvm-fabric:fabric.aws: missing, allowed an object; try that of Pulumi.prod.yaml",
    ],
  ],
  [
    "an unknown environment",
    (config) => (config.environment = "production"),
    [
      'kvm-fabric:fabric.environment: not one of the values allowed, got "production", allowed dev, staging, prod, dr',
    ],
  ],
  [
    "no context: the current one is never taken",
    (config) => delete config.kubernetes,
    [expect.stringMatching(/^kvm-fabric:fabric\.kubernetes\.context: missing/)],
  ],
  [
    "a domain of Kubernetes's own",
    (config) => (config.domain = "node.kubernetes.io"),
    [
      expect.stringMatching(
        /^kvm-fabric:fabric\.domain: a domain that Kubernetes keeps for itself/,
      ),
    ],
  ],
  [
    "text for a number",
    (config) => (config.consul.storageGib = "10"),
    ['kvm-fabric:fabric.consul.storageGib: wrong type, got "10", allowed a number'],
  ],
  [
    "half a server",
    (config) => (config.consul.servers = 1.5),
    ["kvm-fabric:fabric.consul.servers: wrong type, got 1.5, allowed a whole number"],
  ],
  [
    "a sum that YAML took for a number",
    (config) => (config.provisioner.assets.amd64.kernel.sha256 = Number("1".repeat(64))),
    [
      "kvm-fabric:fabric.provisioner.assets.amd64.kernel.sha256: read as a number, got 1.1111111111111112e+63, allowed 64 lower-case hexadecimal digits; try quotes around it",
    ],
  ],
  [
    "faults of the shape and of values together",
    (config) => {
      config.colour = "blue";
      config.workers.worker.image = "worker";
      delete config.provisioner.assets.amd64.rootfs.sha256;
    },
    [
      expect.stringContaining("kvm-fabric:fabric.provisioner.assets.amd64.rootfs.sha256: missing"),
      expect.stringContaining(
        "kvm-fabric:fabric.workers.worker.image: an image that is not pinned",
      ),
      expect.stringContaining("kvm-fabric:fabric.colour: unknown key"),
    ],
  ],
  [
    "faults of the shape, of values and of the planners together",
    (config) => {
      config.colour = "blue";
      config.target = "aws";
      config.consul.replicas = 3;
      config.consul.servers = -1;
      delete config.provisioner.assets.amd64.kernel.sha256;
    },
    [
      expect.stringContaining("kvm-fabric:fabric.consul.replicas: unknown key"),
      expect.stringContaining("kvm-fabric:fabric.provisioner.assets.amd64.kernel.sha256: missing"),
      expect.stringContaining("kvm-fabric:fabric.colour: unknown key"),
      expect.stringContaining("kvm-fabric:fabric.kubernetes: settings of another target"),
      expect.stringContaining("kvm-fabric:fabric.aws: missing"),
      expect.stringMatching(/^kvm-fabric:fabric\.consul\.servers: .*got -1/),
    ],
  ],
  [
    "faults that only the components' planners find, of two components at once",
    (config) => {
      config.consul.servers = 4;
      config.provisioner.assetsRoot = "/etc/passwd";
    },
    [
      expect.stringMatching(
        /^kvm-fabric:fabric\.provisioner\.assetsRoot: not a folder .*got "\/etc\/passwd"/,
      ),
      expect.stringMatching(/^kvm-fabric:fabric\.consul\.servers: .*got 4/),
    ],
  ],
  ...groups(),
];

function groups(): typeof wrong {
  const renamed = (name: string) => (config: any) =>
    (config.workers = { [name]: config.workers.worker });
  const twice = (one: object, other: object) => (config: any) => {
    const { worker } = config.workers;
    config.workers = {
      one: { ...worker, registration: { serviceName: "jobs" }, ...one },
      other: { ...worker, registration: { serviceName: "jobs" }, ...other },
    };
  };
  const shared = [
    'kvm-fabric:fabric.workers.other.registration.serviceName: the service of group one, which may run on the same nodes, got "jobs", allowed a name of its own, or nodes of its own; try another serviceName, or a pool for each of the two groups',
  ];
  return [
    [
      "a group called as another part",
      renamed("provisioner"),
      [
        'kvm-fabric:fabric.workers.provisioner: a name of the fabric\'s own parts, got "provisioner", allowed any name but consul, gateway, postgres, provisioner, queen, redis, uploader; try "provisioner-worker"',
      ],
    ],
    [
      "a group called as Consul: one fault",
      renamed("consul"),
      [expect.stringMatching(/^kvm-fabric:fabric\.workers\.consul: a name of the fabric's own/)],
    ],
    [
      "a group that names no object: one fault",
      renamed("GPU workers"),
      [
        expect.stringMatching(
          /^kvm-fabric:fabric\.workers\.GPU workers: cannot be part .*got "GPU workers", allowed a-z.*at most 56 characters; try/,
        ),
      ],
    ],
    [
      "a group whose name is too long with its prefix",
      renamed("w".repeat(57)),
      [expect.stringMatching(/^kvm-fabric:fabric\.workers\.w{57}: cannot be part/)],
    ],
    [
      "Consul's own service",
      (config) => (config.workers.worker.registration = { serviceName: "consul" }),
      [
        'kvm-fabric:fabric.workers.worker.registration.serviceName: the service of Consul\'s own servers, got "consul", allowed any name but consul; try "worker"',
      ],
    ],
    ["two groups of one service", twice({}, {}), shared],
    ["two groups of one service, one pool", twice({ pool: "a" }, { pool: "a" }), shared],
    ["two groups of one service, one without a pool", twice({ pool: "a" }, {}), shared],
    ["two groups of one service, two pools", twice({ pool: "a" }, { pool: "b" }), []],
    [
      "two groups of one service, two zones",
      twice({ nodeSelector: { zone: "a" } }, { nodeSelector: { zone: "b" } }),
      [],
    ],
    [
      "two services, and a gateway that says not which it calls",
      (config) => {
        const registration = { serviceName: "jobs" };
        config.workers.other = { ...config.workers.worker, pool: "other", registration };
      },
      ["kvm-fabric:fabric.gateway.workers.serviceName: missing, allowed worker, jobs"],
    ],
    [
      "workers in their node's network that cannot reach Consul",
      (config) => Object.assign(config.workers.worker, privileged),
      [
        expect.stringMatching(
          /^kvm-fabric:fabric\.workers\.worker\.isolation: workers at their nodes' addresses.*got "privileged-host-network", allowed device-plugin, jailer, or this with kvm-fabric:fabric\.namespaces\.nodeCidrs; try the nodes' addresses/,
        ),
      ],
    ],
    [
      "workers in their node's network that can",
      (config) => {
        Object.assign(config.workers.worker, privileged);
        config.namespaces = { nodeCidrs: ["10.0.0.0/16"] };
      },
      [],
    ],
  ];
}

test("a group's name that is as long as it may be is taken", () => {
  const name = "w".repeat(56);
  expect(faults((config) => (config.workers = { [name]: config.workers.worker }))).toEqual([]);
});

test.each(wrong)("%s", (_, change, expected) => {
  expect(faults(change)).toEqual(expected);
});

test("an external Consul needs a token for each group of workers and the gateway, and no other", () => {
  const config = devConfig((dev) => {
    dev.consul = {
      external: { address: "https://consul.example.com:8501", caCertificate: AUTHORITY },
    };
  });
  const problems = (tokens: Record<string, string>) => {
    const result = parseConfig(config, tokens);
    return result.ok ? [] : result.faults.map(renderFault);
  };
  expect(problems({ worker: "secret", gateway: "secret" })).toEqual([]);
  expect(problems({ wroker: "secret", gateway: "secret" })).toEqual([
    "kvm-fabric:consulTokens.worker: missing, allowed the ACL token of these workers in the external Consul; try `pulumi config set --secret --path 'kvm-fabric:consulTokens.worker'`",
    "kvm-fabric:consulTokens.wroker: a token that nobody uses, allowed worker, gateway",
  ]);
  expect(parseConfig(devConfig(), { worker: "secret" })).toMatchObject({
    ok: false,
    faults: [{ path: "kvm-fabric:consulTokens.worker" }],
  });
});

test.each<[string, unknown, string]>([
  ["a text", "TOP-SECRET", "consulTokens: not an object, allowed an object from"],
  ["a list", ["TOP-SECRET"], "consulTokens: not an object, allowed an object from"],
  ["nothing", null, "consulTokens: not an object, allowed an object from"],
  ["a number", { worker: 5071 }, "consulTokens.worker: not a token, allowed a text"],
  ["an object", { worker: { secret: "TOP-SECRET" } }, "consulTokens.worker: not a token, allowed"],
  ["an empty token", { worker: "" }, "consulTokens.worker: not a token, allowed a text"],
  ["two lines", { worker: "TOP-SECRET\nX: y" }, "consulTokens.worker: not a token, allowed a text"],
])("tokens are refused without being shown: %s", (_, tokens, fault) => {
  const config = devConfig((dev) => {
    const caCertificate = AUTHORITY;
    dev.consul = { external: { address: "https://consul.example.com:8501", caCertificate } };
  });
  const result = parseConfig(config, tokens);
  const problems = result.ok ? [] : result.faults.map(renderFault);
  expect(problems).toEqual([expect.stringContaining(`kvm-fabric:${fault}`)]);
  expect(problems.join()).not.toMatch(/TOP-SECRET|5071/);
  // And beside faults of the rest.
  const both = parseConfig({ ...config, colour: "blue" }, tokens);
  expect(both.ok ? 0 : both.faults.length).toBe(2);
});

test("an external Consul's address and certificate are checked", () => {
  const external = { address: "http://consul.example.com:8500", caCertificate: "MIIB" };
  const result = parseConfig(
    devConfig((dev) => (dev.consul = { external })),
    { worker: "secret", gateway: "secret" },
  );
  expect(result.ok ? [] : result.faults.map(({ path }) => path)).toEqual([
    "kvm-fabric:fabric.consul.external.address",
    "kvm-fabric:fabric.consul.external.caCertificate",
  ]);
});

test("only groups of workers that answer health checks take part in Consul", () => {
  const config = devConfig((dev) => {
    delete dev.gateway;
    const { image } = dev.workers.worker;
    dev.consul = {
      external: { address: "https://consul.example.com:8501", caCertificate: AUTHORITY },
    };
    dev.workers = {
      quiet: { image, vmm: "qemu" },
      answering: { image, vmm: "qemu", healthPort: 8081 },
    };
  });
  const problems = (tokens: Record<string, string>) => {
    const result = parseConfig(config, tokens);
    return result.ok ? [] : result.faults.map(renderFault);
  };
  expect(problems({ answering: "secret" })).toEqual([]);
  expect(problems({ quiet: "secret", answering: "secret" })).toEqual([
    "kvm-fabric:consulTokens.quiet: a token that nobody uses, allowed answering",
  ]);
  // An entry in the catalogue is asked for, so what is missing is the port and not Consul.
  config.workers.quiet.registration = { serviceName: "quiet" };
  expect(problems({ quiet: "secret", answering: "secret" })).toEqual([
    expect.stringMatching(/^kvm-fabric:fabric\.workers\.quiet\.healthPort: missing/),
  ]);
});

test("the result is frozen through and through", () => {
  const result = parseConfig(devConfig());
  if (!result.ok) throw new Error("the dev configuration is wrong");
  expect(Object.isFrozen(result.plan.workers.worker)).toBe(true);
  expect(Object.isFrozen(result.plan.provisioner.assets.amd64?.kernel)).toBe(true);
});
