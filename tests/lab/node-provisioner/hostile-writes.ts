import { labelRemoval } from "../../../components/node-provisioner/node-writes";
import type { NodeContract } from "../../../components/shared/node-contract";
import type { KubeClient } from "../../../lab/kube/client";
import { labelCases, metadataCases, specCases } from "./field-cases";
import {
  keepsProviderId,
  labelled,
  nodes,
  own,
  patch,
  patchTypes,
  path,
  rules,
  type HostileWrite,
  type Identity,
} from "./write-cases";

/** Every hostile write, for one domain and asset set. */
export function hostileWrites(contract: NodeContract, assetSet: string): HostileWrite[] {
  return [
    ...labelCases(contract, assetSet),
    ...metadataCases(),
    ...specCases(contract, assetSet),
    ...formatCases(contract, assetSet),
    ...verbCases(contract, assetSet),
    ...identityCases(contract, assetSet),
  ];
}

function formatCases(contract: NodeContract, assetSet: string): HostileWrite[] {
  const node = (rest: object) => ({ apiVersion: "v1", kind: "Node", ...rest });
  const escaped = contract.poolLabel.replace("/", "~1");
  const rename = [{ op: "replace", path: `/metadata/labels/${escaped}`, value: "other" }];
  return [
    own(
      "strategic merge: label",
      rules.label,
      labelled({ "example.com/new": "x" }),
      patchTypes.strategic,
    ),
    own(
      "strategic merge: cordon",
      rules.spec,
      { spec: { unschedulable: true } },
      patchTypes.strategic,
    ),
    {
      ...own(
        "strategic merge: taints replaced",
        rules.taints,
        { spec: { $patch: "replace" } },
        patchTypes.strategic,
      ),
      ...keepsProviderId,
    },
    own("JSON patch: label", rules.label, rename, patchTypes.json),
    own(
      "JSON patch: worker taint",
      rules.taints,
      [{ op: "remove", path: "/spec/taints/0" }],
      patchTypes.json,
    ),
    own(
      "JSON patch: all annotations",
      rules.metadata,
      [{ op: "remove", path: "/metadata/annotations" }],
      patchTypes.json,
    ),
    own(
      "server-side apply: label",
      rules.label,
      node({ metadata: { name: nodes.a, labels: { "example.com/new": "x" } } }),
      patchTypes.apply,
    ),
    own(
      "server-side apply: taints",
      rules.taints,
      node({ metadata: { name: nodes.a }, spec: { taints: [] } }),
      patchTypes.apply,
    ),
    own(
      "server-side apply: finalizer",
      rules.metadata,
      node({ metadata: { name: nodes.a, finalizers: ["example.com/stuck"] } }),
      patchTypes.apply,
    ),
    {
      ...own("server-side apply: a node that is not there", rules.operation, {}),
      shipped: "rbac",
      run: patch(
        "hostile-new",
        node({ metadata: { name: "hostile-new", labels: { [contract.assetsLabel]: assetSet } } }),
        patchTypes.apply,
      ),
    },
  ];
}

function verbCases(contract: NodeContract, assetSet: string): HostileWrite[] {
  const verb = (name: string, policy: RegExp, run: HostileWrite["run"]): HostileWrite => ({
    name,
    identity: "own pod",
    shipped: "rbac",
    policy,
    run,
  });
  const status = (
    name: string,
    policy: RegExp,
    body: unknown,
    type: string = patchTypes.merge,
  ) => ({
    ...verb(`status: ${name}`, policy, patch(nodes.a, body, type, "/status")),
    shipped: "policy" as const,
  });
  const legal = labelled({ [contract.assetsLabel]: assetSet });
  const capacity = { status: { capacity: { pods: "0" }, allocatable: { pods: "0" } } };
  const addresses = { status: { addresses: null } };
  const bare = { status: { conditions: null } };
  const conditions = (type: string) => ({
    status: { conditions: [{ type, status: "False", reason: "Hostile" }] },
  });
  const put =
    (node: string, change: object, rest = "") =>
    async (client: KubeClient) => {
      const current: any = await client.request("GET", path(node));
      const body = { ...current, spec: { ...current.spec, ...change } };
      return client.request("PUT", path(node, rest), { body });
    };
  const created = { apiVersion: "v1", kind: "Node", metadata: { name: "hostile-new" } };
  return [
    status("capacity", rules.status, capacity),
    status("the legal label", rules.statusLabel, legal),
    status(
      "foreign label",
      rules.statusLabel,
      labelled({ "example.com/new": "x" }),
      patchTypes.strategic,
    ),
    verb("status: PUT", rules.status, async (client) => {
      const current: any = await client.request("GET", path(nodes.a));
      const body = { ...current, ...capacity };
      return client.request("PUT", path(nodes.a, "/status"), { body });
    }),
    status("no addresses", rules.status, addresses),
    status("never ready", rules.condition, conditions("Ready"), patchTypes.strategic),
    status(
      "a condition of nobody's",
      rules.condition,
      conditions("KvmFabricReady2"),
      patchTypes.strategic,
    ),
    status("no condition", rules.condition, bare),
    verb("PUT: cordon", rules.spec, put(nodes.a, { unschedulable: true })),
    verb("PUT: another node", rules.node, put(nodes.b, {})),
    verb("delete its own node", rules.operation, (client) =>
      client.request("DELETE", path(nodes.a)),
    ),
    verb("delete another node", rules.operation, (client) =>
      client.request("DELETE", path(nodes.b)),
    ),
    verb("delete all nodes", rules.operation, (client) =>
      client.request("DELETE", "/api/v1/nodes", {
        query: { labelSelector: "example.com/team=blue" },
      }),
    ),
    verb("create a node", rules.operation, (client) =>
      client.request("POST", "/api/v1/nodes", { body: created }),
    ),
    verb("reach the kubelet", rules.operation, (client) =>
      client.request("POST", path(nodes.a, "/proxy/run/x/y/z")),
    ),
  ];
}

function identityCases(contract: NodeContract, assetSet: string): HostileWrite[] {
  const legal = labelled({ [contract.assetsLabel]: assetSet });
  const by = (identity: Identity, node: string, policy = rules.node): HostileWrite => ({
    name: `the legal label on ${node} by: ${identity}`,
    identity,
    shipped: "policy",
    policy,
    run: patch(node, legal),
  });
  const removal = [{ op: "remove", path: "/spec/taints/2" }];
  return [
    by("own pod", nodes.b),
    by("pod of another node", nodes.a),
    by("pod on no node", nodes.a),
    by("no pod", nodes.a),
    by("bound to a Secret", nodes.a),
    by("bound to a Node", nodes.a),
    by("pod of a node that no pool promised", nodes.d, rules.capability),
    ...(["own pod", "pod on no node", "no pod", "bound to a Node"] as const).map((identity) => ({
      ...by(identity, nodes.c),
      name: `the legal label removal on another node by: ${identity}`,
      run: patch(nodes.c, labelRemoval(contract).body),
    })),
    {
      ...by("own pod", nodes.c),
      name: "the legal taint removal on another node",
      run: patch(nodes.c, removal, patchTypes.json),
    },
    {
      ...by("no pod", nodes.c),
      name: "a taint removal without a pod",
      run: patch(nodes.c, removal, patchTypes.json),
    },
    {
      ...by("own pod", nodes.b),
      name: "another node cordoned",
      run: patch(nodes.b, { spec: { unschedulable: true } }),
    },
  ];
}
