import fc from "fast-check";
import { aclEntries } from "../../../../components/consul/acl";
import {
  type ConsulArgs,
  type ConsulConsumer,
  ConsulRole,
} from "../../../../components/consul/args";
import { planConsul } from "../../../../components/consul/plan";
import { majority, serverConfig, serverKeys } from "../../../../components/consul/server-config";
import { accessorFor, tokenFor } from "../../../../components/consul/tokens";
import { AUTHORITY } from "./authority";

const image = `docker.io/hashicorp/consul:2.0.2@sha256:${"a".repeat(64)}`;
const least: ConsulArgs = { image, namespace: "consul" };
const external = { address: "https://consul.example.com:8501", caCertificate: AUTHORITY };
const worker: ConsulConsumer = { name: "workers", namespace: "nodes", role: ConsulRole.Worker };
const gateway: ConsulConsumer = { name: "gateway", namespace: "api", role: ConsulRole.Gateway };

function faultsOf(args: Partial<ConsulArgs>, name = "fabric"): string[] {
  const result = planConsul(name, { ...least, ...args });
  return result.ok ? [] : result.faults.map(({ path, problem }) => `${path}: ${problem}`);
}

function planOf(args: Partial<ConsulArgs> = {}) {
  const result = planConsul("fabric", { ...least, ...args });
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.plan;
}

test("two arguments are enough, and every default is the stated one", () => {
  const { servers, ...plan } = planOf();
  expect(plan).toEqual({
    name: "fabric",
    namespace: "consul",
    consumers: [],
    datacenter: "dc1",
    deletionProtection: true,
    external: undefined,
  });
  expect(servers).toMatchObject({
    cpu: "200m",
    memory: "512Mi",
    servers: 3,
    storageGib: 10,
    snapshots: { retained: 28, schedule: "17 0,6,12,18 * * *", storageGib: 10 },
  });
});

test("snapshots take the servers' storage class unless they have their own", () => {
  expect(planOf({ storageClass: "fast" }).servers?.snapshots?.storageClass).toBe("fast");
  const own = planOf({ storageClass: "fast", snapshots: { storageClass: "cold" } });
  expect(own.servers?.snapshots?.storageClass).toBe("cold");
  expect(planOf({ snapshots: { enabled: false } }).servers?.snapshots).toBeUndefined();
});

test("renders exactly this configuration, without a secret", () => {
  const text = serverConfig({
    datacenter: "dc1",
    servers: 3,
    name: "fabric",
    headlessService: "fabric-servers",
  });
  expect(JSON.parse(text)).toEqual({
    server: true,
    bootstrap_expect: 3,
    datacenter: "dc1",
    data_dir: "/consul/data",
    client_addr: "0.0.0.0",
    retry_join: ["fabric-0.fabric-servers", "fabric-1.fabric-servers", "fabric-2.fabric-servers"],
    ports: {
      dns: -1,
      grpc: -1,
      grpc_tls: -1,
      http: -1,
      https: 8501,
      serf_lan: 8301,
      serf_wan: -1,
      server: 8300,
    },
    tls: {
      defaults: {
        ca_file: "/consul/tls/ca.crt",
        cert_file: "/consul/tls/tls.crt",
        key_file: "/consul/tls/tls.key",
        tls_min_version: "TLSv1_2",
        verify_outgoing: true,
      },
      https: { verify_incoming: false },
      internal_rpc: { verify_incoming: true, verify_server_hostname: true },
    },
    encrypt_verify_incoming: true,
    encrypt_verify_outgoing: true,
    acl: { enabled: true, default_policy: "deny", down_policy: "extend-cache" },
    autopilot: { cleanup_dead_servers: true, min_quorum: 2 },
    connect: { enabled: false },
    ui_config: { enabled: false },
    leave_on_terminate: true,
    performance: { raft_multiplier: 1 },
    disable_remote_exec: true,
    disable_update_check: true,
    enable_local_script_checks: false,
    enable_script_checks: false,
    log_json: true,
    log_level: "INFO",
  });
});

test("renders exactly these keys", () => {
  const keys = { gossipKey: "g", managementToken: "m", agentToken: "a" };
  expect(JSON.parse(serverKeys(keys))).toEqual({
    encrypt: "g",
    acl: { tokens: { initial_management: "m", agent: "a" } },
  });
});

test.each([
  [1, 1],
  [3, 2],
  [5, 3],
  [7, 4],
])("the majority of %i servers is %i", (servers, most) => {
  expect(majority(servers)).toBe(most);
});

test("gives each its own right and no more", () => {
  const { servers } = planOf({ consumers: [{ ...worker, servicePrefix: "aetherium-" }, gateway] });
  const rules = servers?.aclEntries.map((entry) => [entry.policyName, entry.rules]);
  expect(rules).toEqual([
    [
      "fabric-servers",
      'node_prefix "fabric-" {\n  policy = "write"\n}\nservice_prefix "" {\n  policy = "read"\n}\n',
    ],
    ["fabric-snapshots", 'acl = "write"\n'],
    [
      "fabric-for-workers",
      'service_prefix "aetherium-" {\n  policy = "write"\n}\nnode_prefix "" {\n  policy = "read"\n}\n',
    ],
    [
      "fabric-for-gateway",
      'service_prefix "aetherium-" {\n  policy = "read"\n}\nnode_prefix "" {\n  policy = "read"\n}\n',
    ],
  ]);
});

test("a worker whose name begins another's may not touch the other's service", () => {
  const consumers = [worker, { ...worker, name: "workers-gpu", service: "gpu" }, gateway];
  const { servers } = planOf({ consumers });
  const rulesOf = (consumer: string) =>
    servers?.aclEntries.find(({ key }) => key === `for-${consumer}`)?.rules;
  const nodes = 'node_prefix "" {\n  policy = "read"\n}\n';
  expect(rulesOf("workers")).toBe(`service "workers" {\n  policy = "write"\n}\n${nodes}`);
  expect(rulesOf("workers-gpu")).toBe(`service "gpu" {\n  policy = "write"\n}\n${nodes}`);
  expect(rulesOf("gateway")).toBe(
    `service "workers" {\n  policy = "read"\n}\nservice "gpu" {\n  policy = "read"\n}\n${nodes}`,
  );
});

test("no consumer may write more than services, whatever the consumers are", () => {
  const consumers = fc.array(
    fc.record({
      name: fc.stringMatching(/^[a-z0-9]{1,8}$/),
      role: fc.constantFrom(...Object.values(ConsulRole)),
      scopes: fc.array(
        fc.record({
          match: fc.constantFrom("service" as const, "service_prefix" as const),
          name: fc.stringMatching(/^[a-z0-9][-a-z0-9]{0,8}$/),
        }),
        { minLength: 1 },
      ),
    }),
  );
  const rule =
    /^(?:(service|service_prefix) "([a-z0-9][-a-z0-9]*)"|node_prefix "") \{\n {2}policy = "(read|write)"\n$/;
  fc.assert(
    fc.property(consumers, (all) => {
      const entries = aclEntries("fabric", all).slice(2);
      expect(entries).toHaveLength(all.length);
      for (const [index, { rules }] of entries.entries()) {
        const { role, scopes } = all[index]!;
        const found = rules
          .split("}\n")
          .slice(0, -1)
          .map((block) => rule.exec(block));
        expect(found.map((groups) => groups?.[1])).toEqual([
          ...scopes.map(({ match }) => match),
          undefined,
        ]);
        expect(found.map((groups) => groups?.[2])).toEqual([
          ...scopes.map(({ name }) => name),
          undefined,
        ]);
        const access = role === ConsulRole.Worker ? "write" : "read";
        expect(found.map((groups) => groups?.[3])).toEqual([...scopes.map(() => access), "read"]);
      }
    }),
  );
});

test("the Job is another one when, and only when, what it does changes", () => {
  const name = (args: Partial<ConsulArgs>) => planOf(args).servers?.names.aclJob;
  expect(name({})).toBe(name({ servers: 5, deletionProtection: false }));
  expect(name({})).not.toBe(name({ consumers: [worker] }));
  expect(name({ consumers: [worker] })).not.toBe(
    name({ consumers: [{ ...worker, servicePrefix: "other" }] }),
  );
  expect(name({})).toMatch(/^fabric-acl-[0-9a-f]{8}$/);
});

test("an external Consul needs no image and makes no servers", () => {
  const plan = planOf({ external, image: undefined, consumers: [{ ...worker, token: "t" }] });
  expect(plan.servers).toBeUndefined();
  expect(plan.consumers).toEqual([
    { name: "workers", namespace: "nodes", secretName: "fabric-workers-token", token: "t" },
  ]);
});

const faulty: [string, Partial<ConsulArgs>, string][] = [
  ["image by tag", { image: "consul:2" }, "image: an image that is not pinned by digest"],
  ["no image", { image: undefined }, "image: missing"],
  ["datacenter", { datacenter: "DC 1" }, "datacenter: not a DNS label"],
  ["two servers", { servers: 2 }, "servers: no number of servers that can agree well"],
  ["no servers", { servers: 0 }, "servers: no number of servers that can agree well"],
  ["negative volume", { storageGib: -1 }, "storageGib: out of range"],
  ["cpu", { resources: { cpu: "some" } }, "resources.cpu: not an amount of CPU"],
  ["cpu in bytes", { resources: { cpu: "1Gi" } }, "resources.cpu: not an amount of CPU"],
  [
    "memory in thousandths",
    { resources: { memory: "512m" } },
    "resources.memory: not an amount of memory",
  ],
  ["memory", { resources: { memory: "1GB" } }, "resources.memory: not an amount of memory"],
  ["retention", { snapshots: { retained: 0 } }, "snapshots.retained: out of range"],
  ["snapshot volume", { snapshots: { storageGib: 0.5 } }, "snapshots.storageGib: out of range"],
  ["schedule", { snapshots: { schedule: "daily" } }, "snapshots.schedule: not a cron schedule"],
  [
    "consumer's name",
    { consumers: [{ ...worker, name: "W" }] },
    "consumers[0].name: not a DNS label",
  ],
  ["twins", { consumers: [worker, worker] }, "consumers[1].name: there are two of that name"],
  [
    "secret name",
    { consumers: [{ ...worker, secretName: "A" }] },
    "consumers[0].secretName: not the name of a Secret",
  ],
  [
    "one Secret for two",
    {
      consumers: [
        { ...worker, secretName: "s" },
        { ...gateway, namespace: "nodes", secretName: "s" },
      ],
    },
    "consumers[1].secretName: there are two of that name in the namespace",
  ],
  [
    "a Secret of the name that another's has by default",
    {
      consumers: [
        { ...worker, secretName: "fabric-gateway-token" },
        { ...gateway, namespace: "nodes" },
      ],
    },
    "consumers[0].secretName: there are two of that name in the namespace",
  ],
  [
    "prefix",
    { consumers: [{ ...worker, servicePrefix: '" {' }] },
    "consumers[0].servicePrefix: no beginning of a service's name",
  ],
  [
    "service",
    { consumers: [{ ...worker, service: '" {' }] },
    "consumers[0].service: not a DNS label",
  ],
  [
    "service and prefix",
    { consumers: [{ ...worker, service: "a", servicePrefix: "a" }] },
    "consumers[0].servicePrefix: given beside service",
  ],
  [
    "gateway alone",
    { consumers: [gateway] },
    "consumers[0].service: missing, and there is no worker to take it from",
  ],
  [
    "token of our own Consul",
    { consumers: [{ ...worker, token: "t" }] },
    "consumers[0].token: given, but our own Consul makes it",
  ],
  [
    "no token for an external Consul",
    { external, image: undefined, consumers: [worker] },
    "consumers[0].token: missing",
  ],
  [
    "servers of an external Consul",
    { external, image: undefined, servers: 3 },
    "servers: has no meaning with an external Consul",
  ],
  [
    "plain http",
    { external: { ...external, address: "http://consul:8500" }, image: undefined },
    "external.address: not the https URL of a host",
  ],
  [
    "a path of an external Consul",
    { external: { ...external, address: "https://consul:8501/v1" }, image: undefined },
    "external.address: not the https URL of a host",
  ],
  [
    "no port of an external Consul",
    { external: { ...external, address: "https://consul:99999" }, image: undefined },
    "external.address: not the https URL of a host",
  ],
  [
    "a text for a certificate",
    { external: { ...external, caCertificate: "MIIB" }, image: undefined },
    "external.caCertificate: not a certificate in PEM",
  ],
  [
    "a certificate that is none",
    { external: { ...external, caCertificate: AUTHORITY.replace("MII", "XXX") }, image: undefined },
    "external.caCertificate: not a certificate in PEM",
  ],
];

test.each(faulty)("refuses %s", (_, args, fault) => {
  expect(faultsOf(args)).toEqual([fault]);
});

test("refuses a role outside the closed set, and a name that is too long", () => {
  const role: any = "admin";
  expect(faultsOf({ consumers: [{ ...worker, role }] })).toEqual([
    "consumers[0].role: not one of the values",
  ]);
  expect(faultsOf({}, "f".repeat(41))).toEqual(["name: too long"]);
  expect(faultsOf({}, "Fabric")).toEqual(["name: cannot begin the name of a Kubernetes object"]);
});

test("takes a bundle of certificates, and what is only known later", () => {
  const caCertificate = `${AUTHORITY}\n${AUTHORITY}`;
  expect(faultsOf({ external: { ...external, caCertificate }, image: undefined })).toEqual([]);
  const later = { address: Promise.resolve("http"), caCertificate: Promise.resolve("PEM") };
  expect(faultsOf({ external: later, image: undefined })).toEqual([]);
});

test("shows neither a key in the place of a certificate nor a password in an address", () => {
  const result = planConsul("fabric", {
    namespace: "consul",
    external: {
      address: "https://me:TOP-SECRET@consul",
      caCertificate: `${AUTHORITY}-----BEGIN PRIVATE KEY-----\nTOP-SECRET\n-----END PRIVATE KEY-----\n`,
    },
  });
  expect(!result.ok && result.faults).toHaveLength(2);
  expect(JSON.stringify(result)).not.toContain("TOP-SECRET");
});

test("names every fault at once, and no token", () => {
  const result = planConsul("Fabric", {
    ...least,
    image: "consul:2",
    servers: 4,
    snapshots: { schedule: "daily" },
    consumers: [{ ...worker, token: "TOP-SECRET" }, gateway, worker],
  });
  expect(result.ok).toBe(false);
  expect(!result.ok && result.faults).toHaveLength(6);
  expect(JSON.stringify(result)).not.toContain("TOP-SECRET");
});

test.each(["17 */6 * * *", "0 0 1,15 * 1-5", "*/5 0-23/2 * * 0", "17 0,6,12,18 * * *"])(
  "takes the schedule %s",
  (schedule) => {
    expect(faultsOf({ snapshots: { schedule } })).toEqual([]);
  },
);

test("every name of an accepted plan is a DNS label, however long the names were", () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,39}$/);
  fc.assert(
    fc.property(label, fc.stringMatching(/^[a-z0-9]{1,63}$/), (name, consumer) => {
      const result = planConsul(name, { ...least, consumers: [{ ...worker, name: consumer }] });
      if (!result.ok) throw new Error(JSON.stringify(result.faults));
      const { servers, consumers } = result.plan;
      for (const object of [...Object.values(servers?.names ?? {}), consumers[0]!.secretName]) {
        expect(object).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
      }
    }),
  );
});

test("tokens are UUIDs that differ by seed and purpose and stay the same otherwise", () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (seed, one, other) => {
      expect(tokenFor(seed, one)).toMatch(uuid);
      expect(tokenFor(seed, one) === tokenFor(seed, other)).toBe(one === other);
      expect(accessorFor(seed, one)).not.toBe(tokenFor(seed, one));
    }),
  );
  expect(tokenFor("seed", "a")).toBe(tokenFor("seed", "a"));
  expect(tokenFor("seed", "a")).not.toBe(tokenFor("seeds", "a"));
});
