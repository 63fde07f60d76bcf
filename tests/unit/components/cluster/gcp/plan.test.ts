import fc from "fast-check";
import {
  type GcpClusterArgs,
  GkeExclusionScope,
  GkeReleaseChannel,
} from "../../../../../components/cluster/gcp/args";
import { type GcpClusterPlan, planGcpCluster } from "../../../../../components/cluster/gcp/plan";
import { renderFault } from "../../../../../components/shared/faults";

const network = {
  networkId: "projects/p/global/networks/fabric",
  podRangeName: "pods",
  region: "europe-west1",
  serviceRangeName: "services",
  subnetworkId: "projects/p/regions/europe-west1/subnetworks/fabric",
};
const today = new Date("2026-11-21T12:00:00Z");

function faultsOf(args: Partial<GcpClusterArgs>, name = "fabric"): string[] {
  const result = planGcpCluster(name, { network, ...args }, today);
  return result.ok ? [] : result.faults.map(renderFault);
}

function planOf(args: Partial<GcpClusterArgs>, name = "fabric"): GcpClusterPlan {
  const result = planGcpCluster(name, { network, ...args }, today);
  if (!result.ok) throw new Error(result.faults.map(renderFault).join("\n"));
  return result.plan;
}

test("fills in every default", () => {
  const { network: given, ...plan } = planOf({});
  expect(given).toBe(network);
  expect(plan).toEqual({
    name: "fabric",
    accountId: "fabric-nodes",
    authorizedNetworks: [],
    binaryAuthorization: false,
    clusterName: "fabric",
    databaseKeyId: undefined,
    deletionProtection: true,
    dnsEndpoint: false,
    exclusions: [],
    keyRotationSeconds: 7_776_000,
    kubernetesVersion: undefined,
    labels: { "managed-by": "pulumi", "part-of": "kvm-fabric" },
    logComponents: [
      "SYSTEM_COMPONENTS",
      "APISERVER",
      "CONTROLLER_MANAGER",
      "SCHEDULER",
      "WORKLOADS",
    ],
    managedPrometheus: true,
    nodeZones: undefined,
    notificationTopic: undefined,
    project: undefined,
    publicEndpoint: false,
    releaseChannel: "REGULAR",
    securityGroup: undefined,
    servicesPool: undefined,
    systemPool: {
      word: "system",
      dedicated: true,
      diskGib: 50,
      diskKeyId: undefined,
      initialNodesPerZone: 1,
      machineType: "e2-standard-4",
      maxNodes: 6,
      maxPodsPerNode: 64,
      minNodes: 3,
    },
    warnings: [],
    window: {
      startTime: "2024-01-06T01:00:00Z",
      endTime: "2024-01-06T07:00:00Z",
      recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
    },
  });
});

const version = "1.36.3-gke.1640000";
const bad: [string, Partial<GcpClusterArgs>, string][] = [
  [
    "channel and version",
    { kubernetesVersion: version, releaseChannel: GkeReleaseChannel.Regular },
    `kubernetesVersion: given beside releaseChannel: the channel moves the version, got "${version}", allowed one of the two`,
  ],
  [
    "a version without its build",
    { kubernetesVersion: "1.36" },
    'kubernetesVersion: not a whole version of GKE, got "1.36", allowed as in 1.36.3-gke.1640000',
  ],
  [
    "a version that is no longer run",
    { kubernetesVersion: "1.30.9-gke.1000" },
    'kubernetesVersion: GKE no longer runs it, got "1.30.9-gke.1000", allowed 1.33, 1.34, 1.35 or newer (known on 2026-02-19)',
  ],
  [
    "a version whose support has ended",
    { kubernetesVersion: "1.34.4-gke.1047000" },
    'kubernetesVersion: its standard support by GKE ended on 2026-10-01, got "1.34.4-gke.1047000", allowed 1.33, 1.34, 1.35 or newer (known on 2026-02-19); try a newer minor version, or releaseChannel "EXTENDED" instead of a version',
  ],
  [
    "the whole internet",
    { publicAccessCidrs: ["0.0.0.0/0"] },
    'publicAccessCidrs[0]: allows too much of the internet, got "0.0.0.0/0", allowed prefixes /8 to /32',
  ],
  [
    "a public API server without a list",
    { publicAccessCidrs: [] },
    "publicAccessCidrs: empty: a public API server needs an allow-list; try the ranges that may reach it, or to leave it out for a private one",
  ],
  [
    "no range",
    { privateAccessCidrs: ["10.8.0.0/240"] },
    'privateAccessCidrs[0]: not an IPv4 range, got "10.8.0.0/240", allowed as in 203.0.113.0/24',
  ],
  [
    "a range in both lists for more than GKE takes",
    { publicAccessCidrs: Array.from({ length: 101 }, (_, i) => `203.0.113.${String(i)}/32`) },
    "publicAccessCidrs: too many ranges with those of privateAccessCidrs, got 101, allowed at most 100",
  ],
  [
    "a cluster's name of 41 characters",
    { clusterName: "a".repeat(41) },
    `clusterName: not the name of a GKE cluster, got "${"a".repeat(41)}", allowed a-z, 0-9 and -, first a letter, last not a dash, at most 40 characters`,
  ],
  ["no zones", { nodeZones: [] }, "nodeZones: empty; try to leave it out, or zones of the region"],
  [
    "a region for a zone",
    { nodeZones: ["europe-west1"] },
    'nodeZones[0]: not a zone, got "europe-west1", allowed as in europe-west1-b',
  ],
  [
    "a zone twice",
    { nodeZones: ["europe-west1-b", "europe-west1-b"] },
    'nodeZones[1]: given twice, got "europe-west1-b"',
  ],
  [
    "more least nodes than most",
    { systemPool: { minNodes: 4, maxNodes: 3 } },
    "systemPool.minNodes: more than maxNodes, got 4, allowed at most 3",
  ],
  [
    "fewer most nodes than the default's least",
    { systemPool: { maxNodes: 2 } },
    "systemPool.minNodes: more than maxNodes, got 3, allowed at most 2",
  ],
  [
    "no system node",
    { systemPool: { minNodes: 0 } },
    "systemPool.minNodes: out of range, got 0, allowed whole numbers 1 to 1000",
  ],
  [
    "a small disk",
    { systemPool: { diskGib: 10 } },
    "systemPool.diskGib: out of range, got 10, allowed whole numbers 20 to 65536",
  ],
  [
    "too many pods",
    { systemPool: { maxPodsPerNode: 257 } },
    "systemPool.maxPodsPerNode: out of range, got 257, allowed whole numbers 8 to 256",
  ],
  [
    "no machine type",
    { systemPool: { machineType: "m8i.large" } },
    'systemPool.machineType: not a machine type, got "m8i.large", allowed as in e2-standard-4',
  ],
  [
    "no KMS key",
    { databaseKeyId: "my-key" },
    'databaseKeyId: not the id of a Cloud KMS key, got "my-key", allowed projects/PROJECT/locations/REGION/keyRings/RING/cryptoKeys/KEY',
  ],
  [
    "rotation of somebody else's key",
    {
      databaseKeyId: "projects/p/locations/l/keyRings/r/cryptoKeys/k",
      keyRotationDays: 30,
    },
    "keyRotationDays: has no meaning with a key that is there already",
  ],
  [
    "rotation every day",
    { keyRotationDays: 1 },
    "keyRotationDays: out of range, got 1, allowed whole numbers 7 to 365",
  ],
  [
    "another group",
    { securityGroup: "admins@example.com" },
    'securityGroup: not the group that GKE looks in, got "admins@example.com", allowed gke-security-groups@DOMAIN',
  ],
  [
    "no topic",
    { notificationTopic: "upgrades" },
    'notificationTopic: not the id of a Pub/Sub topic, got "upgrades", allowed projects/PROJECT/topics/TOPIC',
  ],
  [
    "a label in capitals",
    { labels: { Team: "a" } },
    'labels.Team: not a label of Google Cloud, got "a", allowed a-z, 0-9, _ and -, keys first a letter, at most 63 characters',
  ],
  [
    "an exclusion of minor versions without a channel",
    {
      kubernetesVersion: version,
      maintenanceExclusions: [
        {
          name: "freeze",
          startTime: "2026-12-20T00:00:00Z",
          endTime: "2027-01-02T00:00:00Z",
          scope: GkeExclusionScope.NoMinorUpgrades,
        },
      ],
    },
    'maintenanceExclusions[0].scope: needs a release channel, and a version is pinned, got "NO_MINOR_UPGRADES", allowed NO_UPGRADES',
  ],
];

test.each(bad)("refuses %s", (_, args, line) => {
  expect(faultsOf(args)).toEqual([line]);
});

test("refuses what is in none of its sets", () => {
  // A program in plain JavaScript, or another language's, gets past the types.
  const args = JSON.parse('{"releaseChannel":"FAST"}') as Partial<GcpClusterArgs>;
  expect(faultsOf(args)).toEqual([
    'releaseChannel: not one of the values, got "FAST", allowed RAPID, REGULAR, STABLE, EXTENDED',
  ]);
});

test("names every fault at once", () => {
  const all = bad.filter(([what]) => ["no zones", "no topic", "a small disk"].includes(what));
  const merged = Object.assign({}, ...all.map(([, args]) => args)) as Partial<GcpClusterArgs>;
  expect(faultsOf(merged, "Fabric").sort()).toEqual(
    [
      ...all.map(([, , line]) => line),
      'name: cannot begin the name of a Kubernetes object, got "Fabric", allowed a-z, 0-9 and -, first a letter, last not a dash, at most 63 characters',
    ].sort(),
  );
});

test("property: names fit Google Cloud for every logical name", () => {
  const letters = fc.constantFrom("a", "b", "z", "0", "9", "-");
  const names = fc
    .string({ unit: letters, minLength: 0, maxLength: 61 })
    .map((middle) => `a${middle}z`);
  fc.assert(
    fc.property(names, (name) => {
      const { clusterName, accountId } = planOf({}, name);
      expect(clusterName).toMatch(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/);
      expect(accountId).toMatch(/^[a-z][-a-z0-9]{4,28}[a-z0-9]$/);
    }),
  );
});

test("property: a pool that is taken has room for its least nodes", () => {
  const sizes = fc.record(
    { minNodes: fc.integer({ min: -1, max: 12 }), maxNodes: fc.integer({ min: -1, max: 12 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(sizes, (systemPool) => {
      const result = planGcpCluster("fabric", { network, systemPool }, today);
      const { minNodes = 3, maxNodes = Math.max(6, minNodes) } = systemPool;
      expect(result.ok).toBe(minNodes >= 1 && maxNodes >= minNodes);
      if (result.ok) expect(result.plan.systemPool).toMatchObject({ minNodes, maxNodes });
    }),
  );
});

test("does not look into what is only known later", () => {
  const later = Promise.resolve("anything");
  expect(faultsOf({ databaseKeyId: later, notificationTopic: later })).toEqual([]);
});
