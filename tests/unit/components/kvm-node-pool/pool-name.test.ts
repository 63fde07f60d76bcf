import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { planAzurePool } from "../../../../components/kvm-node-pool/azure-plan";
import { planGcpPool } from "../../../../components/kvm-node-pool/gcp-plan";
import { azurePoolName, poolName } from "../../../../components/shared/pool-name";
import { azureLeast, gcpLeast } from "./least";

const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,60}[a-z0-9])?$/);
const replacing = fc.dictionary(fc.string(), fc.string());

function gcpReplacing(args: object): unknown {
  const result = planGcpPool("kvm", { ...gcpLeast, ...args });
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.plan.replacing;
}

function azureReplacing(args: object): unknown {
  const result = planAzurePool("kvm", { ...azureLeast, ...args });
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.plan.replacing;
}

test("every name is one that its cloud takes", () => {
  fc.assert(
    fc.property(name, replacing, (given, fields) => {
      expect(poolName(given, fields, 40)).toMatch(/^[a-z](?!.*--$)[-a-z0-9]{0,30}-[0-9a-f]{8}$/);
      expect(azurePoolName(given, fields)).toMatch(/^[a-z][a-z0-9]{4,11}$/);
    }),
  );
});

test("the same fields give the same name, in whatever order, and others another", () => {
  fc.assert(
    fc.property(name, replacing, replacing, (given, one, other) => {
      const turned = Object.fromEntries(Object.entries(one).reverse());
      const same = isDeepStrictEqual({ ...one }, { ...other });
      for (const nameOf of [azurePoolName, (n: string, r: object) => poolName(n, { ...r }, 40)]) {
        expect(nameOf(given, turned)).toBe(nameOf(given, one));
        expect(nameOf(given, { ...one, gone: undefined })).toBe(nameOf(given, one));
      }
      if (!same) expect(poolName(given, other, 40)).not.toBe(poolName(given, one, 40));
    }),
  );
});

test("pools of AKS whose names begin alike stay apart", () => {
  expect(azurePoolName("production-a", {})).not.toBe(azurePoolName("production-b", {}));
});

const gcpStays = {
  autoRepair: fc.boolean(),
  autoUpgrade: fc.boolean(),
  diskGib: fc.integer({ min: 20, max: 900 }),
  diskType: fc.constantFrom("pd-ssd", "pd-balanced"),
  imageType: fc.constantFrom("UBUNTU_CONTAINERD", "COS_CONTAINERD"),
  labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.constant("x")),
  machineType: fc.constantFrom("n2-standard-8", "n2-standard-16", "c3-standard-8"),
  maxNodes: fc.integer({ min: 5, max: 9 }),
  maxSurge: fc.integer({ min: 1, max: 3 }),
  minNodes: fc.integer({ min: 0, max: 4 }),
  networkTags: fc.constant(["kvm"]),
  tags: fc.constant({ team: "a" }),
  taints: fc.constant([{ key: "a", value: "b", effect: "NoSchedule" }]),
  version: fc.constant("1.35.7-gke.1000"),
  zones: fc.constantFrom(["europe-west1-b"], ["europe-west1-d"]),
};

test("what GKE changes in place changes no name", () => {
  fc.assert(
    fc.property(fc.record(gcpStays, { requiredKeys: [] }), (args) => {
      expect(gcpReplacing(args)).toEqual(gcpReplacing({}));
    }),
  );
});

test.each([
  { spot: true },
  { secureBoot: false },
  { threadsPerCore: 1 },
  { maxPodsPerNode: 64 },
  { metadata: { a: "b" } },
  { serviceAccount: "nodes@fabric-project.iam.gserviceaccount.com" },
  { machineType: "c3-standard-192-metal", threadsPerCore: undefined },
])("what GKE replaces a pool for changes its name: %j", (args) => {
  expect(gcpReplacing(args)).not.toEqual(gcpReplacing({}));
});

const azureStays = {
  image: fc.constantFrom("Ubuntu", "Ubuntu2404"),
  labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.constant("x")),
  maxNodes: fc.integer({ min: 5, max: 9 }),
  maxSurge: fc.constantFrom("1", "33%"),
  minNodes: fc.integer({ min: 0, max: 4 }),
  tags: fc.constant({ team: "a" }),
  taints: fc.constant([{ key: "a", value: "b", effect: "NoSchedule" }]),
  version: fc.constant("1.35.6"),
  zones: fc.constantFrom(["3", "2", "1"], ["2", "1", "3"]),
};

test("what AKS changes in place changes no name", () => {
  fc.assert(
    fc.property(fc.record(azureStays, { requiredKeys: [] }), (args) => {
      expect(azureReplacing(args)).toEqual(azureReplacing({}));
    }),
  );
});

test.each([
  { vmSize: "Standard_D16s_v5" },
  { zones: ["1"] },
  { diskGib: 256 },
  { vmSize: "Standard_D8ds_v5", osDisk: "Managed" },
  { maxPodsPerNode: 50 },
  { encryptionAtHost: false },
  { spot: {} },
])("what AKS refuses to change in place changes the name: %j", (args) => {
  expect(azureReplacing(args)).not.toEqual(azureReplacing({}));
});
