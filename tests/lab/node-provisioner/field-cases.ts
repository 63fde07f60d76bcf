import type { NodeContract } from "../../../components/shared/node-contract";
import {
  keepsProviderId,
  labelled,
  nodes,
  own,
  patch,
  patchTypes,
  rules,
  type HostileWrite,
} from "./write-cases";

/** Writes of one part of a node. */
export function labelCases(contract: NodeContract, assetSet: string): HostileWrite[] {
  const { domain, assetsLabel, capabilityLabel, poolLabel } = contract;
  const foreign = [
    "example.com/new",
    "assets",
    "node-role.kubernetes.io/control-plane",
    "node-restriction.kubernetes.io/trusted",
    "topology.kubernetes.io/zone",
    `${domain}.evil/assets`,
    `${domain}x/assets`,
    `x${domain}/assets`,
    `evil.${domain}/assets`,
    `${domain.replace(".", "-")}/assets`,
    `${domain}/assets2`,
    `${domain}/Assets`,
    `${domain}/anything`,
  ];
  return [
    ...foreign.map((key) => own(`label ${key}`, rules.label, labelled({ [key]: assetSet }))),
    own("pool's label taken off", rules.label, labelled({ [poolLabel]: null })),
    own("pool's label changed", rules.label, labelled({ [poolLabel]: "other" })),
    own("capability taken off", rules.label, labelled({ [capabilityLabel]: null })),
    own("capability denied", rules.label, labelled({ [capabilityLabel]: "false" })),
    own("foreign label changed", rules.label, labelled({ "example.com/team": "red" })),
    own("foreign label taken off", rules.label, labelled({ "example.com/team": null })),
    own("host name changed", rules.label, labelled({ "kubernetes.io/hostname": nodes.b })),
    own("all labels taken off", rules.label, labelled(null)),
    own("another asset set", rules.value, labelled({ [assetsLabel]: "assets-of-somebody" })),
    own("an empty asset set", rules.value, labelled({ [assetsLabel]: "" })),
    own(
      "a legal label beside a foreign one",
      rules.label,
      labelled({ [assetsLabel]: assetSet, "example.com/new": "x" }),
    ),
    ...removalCases(contract, assetSet),
  ];
}

/** The label may go, but nothing else may in the same write, and none may come in its place. */
function removalCases(contract: NodeContract, assetSet: string): HostileWrite[] {
  const { assetsLabel, poolLabel } = contract;
  const gone = { [assetsLabel]: null };
  const proven = (name: string, policy: RegExp, body: unknown, type?: string): HostileWrite => ({
    ...own(`the asset set taken off ${name}`, policy, {}),
    identity: "pod of a proven node",
    run: patch(nodes.c, body, type),
  });
  const at = `/metadata/labels/${assetsLabel.replace("/", "~1")}`;
  const moved = `/metadata/labels/${contract.domain.replace("/", "~1")}~1former-assets`;
  return [
    proven("with a foreign label", rules.label, labelled({ ...gone, "example.com/team": null })),
    proven("with its pool", rules.label, labelled({ ...gone, [poolLabel]: null })),
    proven("with all labels", rules.label, labelled(null)),
    proven("for a look-alike", rules.label, labelled({ ...gone, [`x${assetsLabel}`]: assetSet })),
    proven(
      "and kept under another name",
      rules.label,
      [{ op: "move", from: at, path: moved }],
      patchTypes.json,
    ),
    proven("for an older set", rules.value, labelled({ [assetsLabel]: "assets-older" })),
    proven("for none", rules.value, labelled({ [assetsLabel]: "" })),
    proven("with a cordon", rules.spec, { ...labelled(gone), spec: { unschedulable: true } }),
    proven("with all taints", rules.taints, { ...labelled(gone), spec: { taints: null } }),
    proven("with an annotation", rules.metadata, {
      metadata: { labels: gone, annotations: { "example.com/note": null } },
    }),
    proven("with a finalizer", rules.metadata, { metadata: { labels: gone, finalizers: null } }),
    proven(
      "while the gate is opened",
      rules.gate,
      [
        { op: "remove", path: at },
        { op: "remove", path: "/spec/taints/2" },
      ],
      patchTypes.json,
    ),
  ];
}

/** Writes of one part of a node. */
export function metadataCases(): HostileWrite[] {
  const owner = {
    apiVersion: "v1",
    kind: "Pod",
    name: "x",
    uid: "0b5a6ba1-0000-4000-8000-000000000000",
  };
  const annotations = (value: unknown) => ({ metadata: { annotations: value } });
  return [
    own("annotation added", rules.metadata, annotations({ "example.com/new": "x" })),
    own("annotation of its own domain", rules.metadata, annotations({ "kvm-fabric.dev/x": "x" })),
    own("annotation changed", rules.metadata, annotations({ "example.com/note": "x" })),
    own("annotation taken off", rules.metadata, annotations({ "example.com/note": null })),
    own("finalizer added", rules.metadata, {
      metadata: { finalizers: ["example.com/keep", "example.com/stuck"] },
    }),
    own("finalizer taken off", rules.metadata, { metadata: { finalizers: [] } }),
    own("owner added", rules.metadata, { metadata: { ownerReferences: [owner] } }),
  ];
}

/** Writes of one part of a node. */
export function specCases(contract: NodeContract, assetSet: string): HostileWrite[] {
  const worker = { key: contract.workerTaint, value: "true", effect: "NoSchedule" };
  const other = { key: "example.com/other", value: "x", effect: "PreferNoSchedule" };
  const startup = { key: contract.startupTaint, effect: "NoSchedule" };
  const second = { key: contract.startupTaint, effect: "PreferNoSchedule" };
  const taints = (...list: unknown[]) => ({ spec: { taints: list } });
  const proven = labelled({ [contract.assetsLabel]: assetSet });
  return [
    own("cordon", rules.spec, { spec: { unschedulable: true } }),
    {
      ...own("provider id", rules.spec, { spec: { providerID: "aws:///zone/i-0" } }),
      ...keepsProviderId,
    },
    own(
      "taint added",
      rules.taints,
      taints(worker, other, startup, second, {
        ...other,
        key: "example.com/evict",
        effect: "NoExecute",
      }),
    ),
    own("all taints taken off", rules.taints, { spec: { taints: null } }),
    own("worker taint taken off", rules.taints, taints(other, startup, second)),
    own("another's taint taken off", rules.taints, taints(worker, startup, second)),
    own("another's taint taken off with its own", rules.taints, taints(worker, second)),
    own("startup taint of another effect taken off", rules.taints, taints(worker, other, startup)),
    own(
      "startup taint of another effect instead",
      rules.taints,
      taints(worker, other, second, { ...startup, effect: "NoExecute" }),
    ),
    own(
      "worker taint changed",
      rules.taints,
      taints({ ...worker, value: "false" }, other, startup, second),
    ),
    own(
      "startup taint given a value",
      rules.taints,
      taints(worker, other, { ...startup, value: "x" }, second),
    ),
    own("taints put in another order", rules.taints, taints(other, worker, startup, second)),
    own("gate opened before the label", rules.gate, taints(worker, other, second)),
    own("legal writes and a cordon at once", rules.spec, {
      ...proven,
      spec: { unschedulable: true, taints: [worker, other, second] },
    }),
  ];
}
