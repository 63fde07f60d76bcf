import fc from "fast-check";
import { renderFault } from "../../components/shared/faults";
import { parseConfig } from "../../stacks/config";
import { fabricSchema } from "../../stacks/schema";
import { type Mutation, mutationsOf } from "../support/mutations";
import { settingsOf, TODAY } from "../support/stack-settings";

const ROOT = "kvm-fabric:fabric";
const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
const FILES = [
  ["dev", "Pulumi.dev.yaml"],
  ["aws", "Pulumi.prod.yaml"],
  ...["gcp", "azure", "bare-metal"].map((target) => [
    target,
    `tests/stacks/settings/Pulumi.${target}.yaml`,
  ]),
] as [string, string][];

function faultsOf(file: string, ...changes: ((fabric: any) => void)[]) {
  const fabric = settingsOf(file);
  for (const change of changes) change(fabric);
  const key = file.includes("bare-metal") ? KEY : undefined;
  const result = parseConfig(fabric, {}, TODAY, key);
  return result.ok ? [] : result.faults;
}

const lines = (file: string, ...changes: ((fabric: any) => void)[]) =>
  faultsOf(file, ...changes).map(renderFault);

/** Every value of a wrong type, and every value that its planner may refuse. */
function mutationsIn(file: string) {
  const { emptyLists, emptyTexts, nulls, numbers, wrongTypes } = mutationsOf(
    ROOT,
    settingsOf(file),
  );
  const isShape = ({ apply }: Mutation) => {
    const fabric = settingsOf(file);
    apply(fabric);
    return !fabricSchema.safeParse(fabric).success;
  };
  return {
    shape: [...wrongTypes, ...nulls].filter(isShape),
    value: [...numbers, ...emptyTexts, ...emptyLists].filter((one) => !isShape(one)),
  };
}

test.each(FILES)(
  "%s: a value of a wrong type is one fault, and no other follows from it",
  (_, file) => {
    const { shape } = mutationsIn(file);
    expect(shape.length).toBeGreaterThan(40);
    const invented = shape.flatMap(({ apply, path, title }) =>
      faultsOf(file, apply)
        .filter((fault) => fault.path !== path)
        .map((fault) => `${title}: ${renderFault(fault)}`),
    );
    expect(invented).toEqual([]);
  },
);

const CLOUDS = ["aws", "gcp", "azure", "bareMetal"];

/** The part of a stack that a place belongs to, as in `cluster` and `pools.metal`; undefined for what several read. */
function partOf({ place }: Mutation): string | undefined {
  const [first = "", second = "", third = ""] = place.map(String);
  if (CLOUDS.includes(first)) {
    if (second === "pools") return third && `pools.${third}`;
    return ["network", "cluster", "karpenter"].includes(second) ? second : undefined;
  }
  if (first === "workers") return second && `workers.${second}`;
  return ["consul", "provisioner", "namespaces"].includes(first) ? first : undefined;
}

/** Which other parts' settings a part's plan is made of: their wrong types may silence it. */
const READS: Record<string, RegExp> = {
  cluster: /^network$/,
  pools: /^cluster$/,
  karpenter: /^cluster$/,
  consul: /^workers/,
  namespaces: /^(consul|workers)/,
  workers: /^(provisioner|consul|namespaces|workers)/,
  provisioner: /^pools/,
};

function isApart(shape: Mutation, value: Mutation): boolean {
  const [of, on] = [partOf(value), partOf(shape)];
  if (!of || !on || of === on) return false;
  return !READS[of.split(".")[0] ?? ""]?.test(on);
}

test.each(FILES)("%s: it silences no other part's faults", (_, file) => {
  const { shape, value } = mutationsIn(file);
  const wrong = value.filter(({ apply }) => faultsOf(file, apply).length > 0);
  const pairs = fc
    .tuple(fc.constantFrom(...shape), fc.constantFrom(...wrong))
    .filter(([one, other]) => isApart(one, other));
  fc.assert(
    fc.property(pairs, ([one, other]) => {
      const paths = (...changes: Mutation[]) =>
        faultsOf(file, ...changes.map(({ apply }) => apply)).map(({ path }) => path);
      const [alone, both] = [paths(other), paths(one, other)];
      const own = alone.filter((path) => path.startsWith(other.path));
      expect(both).toEqual(expect.arrayContaining([one.path, ...own]));
      expect(both.filter((path) => path !== one.path && !alone.includes(path))).toEqual([]);
    }),
    { numRuns: 60, seed: 42 },
  );
});

const PROD = "Pulumi.prod.yaml";
const at = (path: string, problem: string) =>
  expect.stringMatching(new RegExp(`^${ROOT}\\.${path.replaceAll(/[.[\]]/g, "\\$&")}: ${problem}`));

test("a text that YAML took for a number is read as it was meant, with what is wrong beside it", () => {
  const faults = lines(PROD, ({ aws: { cluster } }) => {
    cluster.kubernetesVersion = 1.36;
    cluster.addOns.vpcCni = "latest";
    cluster.systemPool.diskGib = 1;
  });
  expect(faults).toEqual([
    at("aws.cluster.kubernetesVersion", "wrong type, got 1.36, allowed a text"),
    at("aws.cluster.addOns.vpcCni", "not an exact version of an EKS add-on"),
    at("aws.cluster.systemPool.diskGib", "out of range"),
  ]);
});

test("so is a number in quotes, against the others", () => {
  const faults = lines(PROD, ({ aws: { pools } }) => {
    pools.metal.minNodes = "20";
    pools.metal.imageId = "latest";
  });
  expect(faults).toEqual([
    at("aws.pools.metal.minNodes", 'wrong type, got "20", allowed a number'),
    at("aws.pools.metal.imageId", "an alias"),
  ]);
});

test("1.30 and 1.3 are one number: what is wrong with one of them alone is not said", () => {
  const change = ({ aws: { cluster } }: any) => {
    cluster.kubernetesVersion = 1.3;
    cluster.addOns.kubeProxy = "v1.30.14-eksbuild.3";
    cluster.systemPool.releaseVersion = "1.30.14-20250812";
    cluster.servicesPool.releaseVersion = "1.30.14-20250812";
  };
  expect(lines(PROD, change)).toEqual([at("aws.cluster.kubernetesVersion", "wrong type, got 1.3")]);
});

test("a word of a closed set that is none: what is wrong whichever was meant, and no more", () => {
  const faults = lines(PROD, (fabric) => {
    fabric.environment = "production";
    fabric.workers.worker.vmm = "firecraker";
    fabric.consul.servers = 4;
    fabric.gcp = settingsOf(FILES[2]?.[1] ?? "").gcp;
  });
  expect(faults).toEqual([
    at("environment", 'not one of the values allowed, got "production"'),
    at("workers.worker.vmm", 'not one of the values allowed, got "firecraker"'),
    at("gcp", "settings of another target than aws"),
    at("consul.servers", ""),
  ]);
});

test("whatever Consul's settings are, the cluster's are looked at, and each pool's", () => {
  const faults = lines(PROD, ({ aws, consul }) => {
    consul.servers = "five";
    consul.snapshots = [];
    aws.region = "us-east-1a";
    aws.cluster.accessEntries = [];
    aws.pools.other = "metal";
    aws.pools.metal.minNodes = 13;
    aws.karpenter.version = "0.37.0";
  });
  expect(faults).toEqual([
    at("consul.servers", "wrong type"),
    at("consul.snapshots", "wrong type"),
    at("aws.pools.other", "wrong type"),
    at("aws.region", "not a region"),
    at("aws.cluster.accessEntries", ""),
    at("aws.pools.metal.minNodes", "more than maxNodes"),
    at("aws.karpenter.version", "older than"),
  ]);
});

test("more unclear values than can be tried are left unread, and named all the same", () => {
  const faults = lines(PROD, (fabric) => {
    for (let index = 0; index < 30; index += 1) {
      fabric.workers[`w${index}`] = { ...fabric.workers.worker, tapDevices: "maybe" };
    }
    fabric.aws.cluster.accessEntries = [];
  });
  expect(faults).toHaveLength(31);
  expect(faults).toContainEqual(at("aws.cluster.accessEntries", ""));
});
