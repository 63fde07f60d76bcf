import fc from "fast-check";
import { secret, UNKNOWN, type Properties } from "../../../../../lab/engine/grpc/wire";
import { readSettings } from "../../../../../lab/engine/kubernetes-provider/config/settings";
import {
  differences,
  pruneToShape,
} from "../../../../../lab/engine/kubernetes-provider/diff/compare";
import { diff } from "../../../../../lab/engine/kubernetes-provider/diff/diff";
import {
  formatPath,
  parsePath,
} from "../../../../../lab/engine/kubernetes-provider/diff/property-path";
import { quantityValue } from "../../../../../lab/engine/kubernetes-provider/diff/quantity";
import { urnOf } from "./provider-client";

const settings = readSettings({}, {});

interface Old {
  inputs: Properties;
  /** Defaults to the inputs. */
  live?: Properties;
  imported?: boolean;
}

function changes(
  token: string,
  { inputs, live = inputs, imported }: Old,
  news: Properties,
  ignoreChanges: string[] = [],
  config: Properties = {},
) {
  const state = { ...live, __inputs: inputs, ...(imported && { __imported: true }) };
  const request = { urn: urnOf(token), state, oldInputs: inputs, news, ignoreChanges };
  return diff(readSettings(config, {}), request);
}

function object(apiVersion: string, kind: string, fields: Properties, name = "it"): Properties {
  return { apiVersion, kind, metadata: { name, namespace: "ns" }, ...fields };
}

const tokenOf = (apiVersion: string, kind: string) =>
  `kubernetes:${apiVersion === "v1" ? "core/v1" : apiVersion}:${kind}`;

// [apiVersion, kind, path, replaces]
const table: [string, string, string, boolean][] = [
  ["apps/v1", "Deployment", "spec.selector.matchLabels.app", true],
  ["apps/v1", "Deployment", "spec.template.spec.hostname", false],
  ["apps/v1", "Deployment", "spec.replicas", false],
  ["apps/v1", "DaemonSet", "spec.selector.matchLabels.app", true],
  ["apps/v1", "DaemonSet", "spec.updateStrategy.type", false],
  ["apps/v1", "StatefulSet", "spec.serviceName", true],
  ["apps/v1", "StatefulSet", "spec.volumeClaimTemplates", true],
  ["apps/v1", "StatefulSet", "spec.podManagementPolicy", true],
  ["apps/v1", "StatefulSet", "spec.template.spec.hostname", false],
  ["batch/v1", "Job", "spec.template.spec.hostname", true],
  ["batch/v1", "Job", "spec.completions", true],
  ["batch/v1", "Job", "spec.backoffLimit", false],
  ["batch/v1", "CronJob", "spec.schedule", false],
  ["rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef.name", true],
  ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "roleRef.name", true],
  ["storage.k8s.io/v1", "StorageClass", "parameters.type", true],
  ["storage.k8s.io/v1", "StorageClass", "provisioner", true],
  ["storage.k8s.io/v1", "StorageClass", "reclaimPolicy", false],
  ["policy/v1", "PodDisruptionBudget", "spec.minAvailable", false],
  ["v1", "Service", "spec.clusterIP", true],
  ["v1", "Service", "spec.type", false],
  ["v1", "PersistentVolumeClaim", "spec.storageClassName", true],
  ["v1", "PersistentVolumeClaim", "spec.resources.requests.storage", false],
  ["v1", "PersistentVolume", "spec.hostPath.path", true],
  ["v1", "Pod", "spec.nodeName", true],
  ["v1", "Pod", "spec.tolerations", false],
  ["v1", "ConfigMap", "data.a", true],
  ["v1", "Secret", "data.a", true],
  ["v1", "Secret", "type", true],
  ["karpenter.sh/v1", "NodePool", "spec.weight", false],
  ["v1", "Namespace", "metadata.labels.a", false],
];

function withAt(path: string, value: unknown): Properties {
  return parsePath(path).reduceRight<any>((inner, step) => ({ [step]: inner }), value);
}

function merged(base: Properties, path: string, value: unknown): Properties {
  const [top = ""] = parsePath(path).map(String);
  const added = withAt(path, value)[top];
  const old = base[top];
  return { ...base, [top]: typeof old === "object" ? { ...old, ...(added as object) } : added };
}

test.each(table)("%s %s: a change of %s replaces: %p", (apiVersion, kind, path, replaces) => {
  const base = object(apiVersion, kind, {});
  const result = changes(
    tokenOf(apiVersion, kind),
    { inputs: merged(base, path, "old") },
    merged(base, path, "new"),
  );
  expect(result.changes).toEqual([{ path, kind: "update", replace: replaces }]);
});

test.each(["name", "namespace"])("another %s replaces, whatever the kind", (field) => {
  const before = object("anything.dev/v1", "Thing", {});
  const after = { ...before, metadata: { name: "it", namespace: "ns", [field]: "other" } };
  const result = changes("kubernetes:anything.dev/v1:Thing", { inputs: before }, after);
  expect(result).toEqual({
    changes: [{ path: `metadata.${field}`, kind: "update", replace: true }],
    deleteBeforeReplace: false,
  });
});

test("containers of a Pod are matched whichever their index", () => {
  const pod = (image: string) =>
    object("v1", "Pod", {
      spec: {
        containers: [
          { name: "a", image: "x" },
          { name: "b", image },
        ],
      },
    });
  expect(changes("kubernetes:core/v1:Pod", { inputs: pod("1") }, pod("2")).changes).toEqual([
    { path: "spec.containers[1].image", kind: "update", replace: true },
  ]);
});

test("an object whose name was given goes before its replacement comes, an autonamed one after", () => {
  const map = (value: string, annotations?: Properties) => ({
    ...object("v1", "ConfigMap", { data: { a: value } }),
    metadata: { name: "it", namespace: "ns", ...(annotations && { annotations }) },
  });
  const token = "kubernetes:core/v1:ConfigMap";
  expect(changes(token, { inputs: map("1") }, map("2")).deleteBeforeReplace).toBe(true);
  const auto = { "pulumi.com/autonamed": "true" };
  const result = changes(token, { inputs: map("1", auto) }, map("2", auto));
  expect(result.changes.some((c) => c.replace)).toBe(true);
  expect(result.deleteBeforeReplace).toBe(false);
});

test("mutable ConfigMaps and Secrets are updated, frozen ones still replaced", () => {
  const config = { enableConfigMapMutable: "true", enableSecretMutable: "true" };
  const replaces = (kind: string, extra: Properties) => {
    const make = (a: string) => object("v1", kind, { data: { a }, ...extra });
    const old = { inputs: make("1") };
    return changes(tokenOf("v1", kind), old, make("2"), [], config).changes[0]?.replace;
  };
  expect(replaces("ConfigMap", {})).toBe(false);
  expect(replaces("Secret", {})).toBe(false);
  expect(replaces("ConfigMap", { immutable: true })).toBe(true);
  expect(replaces("Secret", { immutable: true })).toBe(true);
});

test("of a patch resource only name and namespace replace", () => {
  const make = (a: string) => object("v1", "ConfigMap", { data: { a } });
  const result = changes("kubernetes:core/v1:ConfigMapPatch", { inputs: make("1") }, make("2"));
  expect(result.changes).toEqual([{ path: "data.a", kind: "update", replace: false }]);
});

describe("what is no change", () => {
  const token = "kubernetes:apps/v1:Deployment";

  test("what the server added, dropped as empty or wrote in another way", () => {
    const inputs = object("apps/v1", "Deployment", {
      spec: {
        paused: false,
        template: {
          metadata: { annotations: {} },
          spec: {
            containers: [
              { name: "a", args: [], resources: { limits: { cpu: "1000m", memory: "1024Mi" } } },
            ],
          },
        },
      },
    });
    const live = object("apps/v1", "Deployment", {
      status: { replicas: 1 },
      spec: {
        replicas: 1,
        template: {
          metadata: {},
          spec: {
            dnsPolicy: "ClusterFirst",
            containers: [
              { name: "a", resources: { limits: { cpu: "1", memory: "1Gi" } } },
              { name: "injected" },
            ],
          },
        },
      },
    });
    expect(changes(token, { inputs, live }, inputs).changes).toEqual([]);
  });

  test("secretness alone", () => {
    const before = object("v1", "ConfigMap", { data: { a: "1" } });
    const after = object("v1", "ConfigMap", { data: { a: secret("1") } });
    expect(changes("kubernetes:core/v1:ConfigMap", { inputs: before }, after).changes).toEqual([]);
  });

  test("what is ignored, though the live object differs", () => {
    const inputs = object("apps/v1", "Deployment", { spec: { replicas: 1, paused: true } });
    const live = object("apps/v1", "Deployment", { spec: { replicas: 5, paused: true } });
    expect(changes(token, { inputs, live }, inputs).changes).toHaveLength(1);
    expect(changes(token, { inputs, live }, inputs, ["spec.replicas"]).changes).toEqual([]);
  });
});

test("an unknown value is a change; where a change replaces it replaces", () => {
  const before = object("v1", "ConfigMap", { data: { a: "1" } });
  const after = object("v1", "ConfigMap", { data: { a: UNKNOWN } });
  expect(changes("kubernetes:core/v1:ConfigMap", { inputs: before }, after).changes).toEqual([
    { path: "data.a", kind: "update", replace: true },
  ]);
});

describe("inputs read off a live object", () => {
  const live = object("v1", "Service", {
    spec: { clusterIP: "10.0.0.1", type: "ClusterIP", ports: [{ port: 80, targetPort: 80 }] },
  });
  const inputs = object("v1", "Service", {
    spec: { clusterIP: "10.0.0.1", ports: [{ port: 80 }] },
  });
  const program = object("v1", "Service", {
    spec: { type: "ClusterIP", ports: [{ port: 80, targetPort: 80 }] },
  });
  const token = "kubernetes:core/v1:Service";

  test("a program that says what is there changes nothing, and never replaces what it leaves out", () => {
    expect(changes(token, { inputs, live, imported: true }, program).changes).toEqual([]);
  });

  test("a program that says something else changes it", () => {
    const other = object("v1", "Service", { spec: { type: "NodePort", ports: [{ port: 80 }] } });
    expect(changes(token, { inputs, live, imported: true }, other).changes).toEqual([
      { path: "spec.type", kind: "add", replace: false },
    ]);
  });

  test("once a program's inputs are recorded, removing a field is a change again", () => {
    const state = { ...live, __inputs: inputs, __imported: true };
    const news = object("v1", "Service", { spec: { ports: [{ port: 80, targetPort: 80 }] } });
    const request = { urn: urnOf(token), state, oldInputs: program, news, ignoreChanges: [] };
    expect(diff(settings, request).changes).toEqual([
      { path: "spec.type", kind: "delete", replace: false },
    ]);
  });
});

describe("properties", () => {
  const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)));

  test("a value does not differ from itself, nor from itself with additions", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(differences(pruneToShape(value, value), value)).toEqual([]);
        const more = { value, extra: 1 };
        expect(differences(pruneToShape(more, { value }), { value })).toEqual([]);
      }),
    );
  });

  test("paths are read as they were written", () => {
    const step = fc.oneof(
      fc.string({ minLength: 1 }).filter((s) => s !== "*" && !s.includes("\\")),
      fc.nat(99),
    );
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((s) => s !== "*" && !s.includes("\\")),
        fc.array(step),
        (first, rest) => {
          const path = [first, ...rest];
          expect(parsePath(formatPath(path))).toEqual(path);
        },
      ),
    );
  });
});

test.each([
  ["1", "1000m", true],
  ["1Gi", "1024Mi", true],
  ["1e3", "1k", true],
  [2, "2", true],
  ["1G", "1Gi", false],
  ["100m", "1", false],
])("quantities %p and %p are the same: %p", (a, b, same) => {
  expect(quantityValue(a) === quantityValue(b)).toBe(same);
});

test.each(["constructor", "toString", "__proto__"])(
  "a label named %s is one as any other",
  (key) => {
    const make = (labels: string) =>
      object("v1", "ConfigMap", { metadata: { name: "it", labels: JSON.parse(labels) } });
    const labelled = make(`{"${key}": "a"}`);
    const token = "kubernetes:core/v1:ConfigMap";
    expect(changes(token, { inputs: labelled }, labelled).changes).toEqual([]);
    expect(changes(token, { inputs: make("{}") }, labelled).changes).toEqual([
      { path: `metadata.labels.${key}`, kind: "add", replace: false },
    ]);
  },
);

test("what looks like a quantity elsewhere is text", () => {
  const make = (a: string) => object("v1", "ConfigMap", { data: { limits: a } });
  expect(
    changes("kubernetes:core/v1:ConfigMap", { inputs: make("1") }, make("1000m")).changes,
  ).toHaveLength(1);
  expect(quantityValue("none")).toBeUndefined();
});
