import {
  labelRemoval,
  labelWrite,
  openWrite,
} from "../../../components/node-provisioner/node-writes";
import type { ProvisionerPlan } from "../../../components/node-provisioner/plan";
import type { KubeClient } from "../../../lab/kube/client";
import type { KubeObject } from "../../../lab/kube/objects";
import { eventually } from "../../support/wait";
import { hostileWrites } from "./hostile-writes";
import { grantEverythingOnNodes, otherToken, podToken, refusal } from "./stage";
import { type HostileWrite, type Identity, nodes, patch, patchTypes, path } from "./write-cases";

/** Where the writes are made: the nodes of the cases, and whoever makes them. */
export interface WriteStage {
  lab: { client: KubeClient };
  plan: ProvisionerPlan;
  /** That of the provisioner. */
  namespace: string;
  /** Only while tests run. */
  as: (identity: Identity) => KubeClient;
}

/**
 * What no write below may change. The status is the simulated kubelet's; taints under
 * `node.kubernetes.io/` come and go with it, by the node lifecycle controller's hand.
 */
async function nodeAsSeen(admin: KubeClient, name: string): Promise<unknown> {
  const { metadata, spec } = (await admin.get({
    apiVersion: "v1",
    kind: "Node",
    name,
  })) as any;
  const { labels, annotations, finalizers, ownerReferences } = metadata;
  const taints = (spec.taints ?? []).filter(
    ({ key }: { key: string }) => !key.startsWith("node.kubernetes.io/"),
  );
  return { labels, annotations, finalizers, ownerReferences, spec: { ...spec, taints } };
}

/**
 * Declares the tests of every hostile and every legal write. They need the nodes as kvmNode makes them, `c` with the label
 * of the plan's set and `d` without the capability, and the plan's policy in force.
 */
export function describeWrites({ lab, plan, namespace, as }: WriteStage): void {
  const { contract, assetSet } = plan;
  const hostile = hostileWrites(contract, assetSet);
  const allNodes = () => Promise.all(Object.values(nodes).map(seen));
  const seen = (name: string) => nodeAsSeen(lab.client, name);

  const isRefused = async ({ identity, invalid, run }: HostileWrite, because: RegExp) => {
    const before: any[] = await allNodes();
    const answer = await refusal(() => run(as(identity)));
    const isInvalid = invalid !== undefined && before[0].spec.providerID !== undefined;
    expect(answer?.status).toBe(isInvalid ? 422 : 403);
    expect(answer?.message).toMatch(isInvalid ? invalid : because);
    expect(await allNodes()).toEqual(before);
  };

  describe("with the rights that ship, every hostile write is refused and changes nothing", () => {
    test.each(hostile)("$name", (write) =>
      isRefused(write, write.shipped === "policy" ? write.policy : /cannot \w+ resource/),
    );
  });

  describe("even with every right on nodes, the policy alone refuses every hostile write", () => {
    let takeBack: () => Promise<void>;
    beforeAll(async () => {
      takeBack = await grantEverythingOnNodes(lab.client, plan, namespace);
      await eventually("the wide role is in force", async () => {
        const run = () => as("own pod").request("DELETE", path("no-such-node"));
        return (await refusal(run))?.status === 404;
      });
    });
    afterAll(() => takeBack());

    test.each(hostile)("$name", (write) => isRefused(write, write.policy));
  });

  describe("a status sent to the node itself", () => {
    test("is dropped by the API server, so nothing of it arrives", async () => {
      const body = { status: { capacity: { "example.com/forged": "1" } } };
      await patch(nodes.a, body)(as("own pod"));
      const node = await lab.client.get({ apiVersion: "v1", kind: "Node", name: nodes.a });
      expect(JSON.stringify(node.status)).not.toContain("example.com/forged");
    });
  });

  describe("every legal write passes", () => {
    const write = (node: string, { body, contentType }: { body: unknown; contentType: string }) =>
      patch(node, body, contentType);
    const read = (name: string): Promise<any> =>
      lab.client.get({ apiVersion: "v1", kind: "Node", name });

    test("a patch that changes nothing", async () => {
      const before = await seen(nodes.a);
      await patch(nodes.a, {})(as("own pod"));
      expect(await seen(nodes.a)).toEqual(before);
    });

    test("the label comes and the startup taint goes, at once; all else stays", async () => {
      const before: any = await seen(nodes.a);
      const opening = openWrite(contract, assetSet, await read(nodes.a));
      if (!opening) throw new Error("the node carries no startup taint");
      await write(nodes.a, opening)(as("own pod"));
      const after: any = await seen(nodes.a);
      expect(after).toEqual({
        ...before,
        labels: { ...before.labels, [contract.assetsLabel]: assetSet },
        spec: {
          ...before.spec,
          taints: before.spec.taints.filter(
            ({ key, effect }: any) => key !== contract.startupTaint || effect !== "NoSchedule",
          ),
        },
      });
    });

    test("the label again, on a node that is open already", async () => {
      await write(nodes.a, labelWrite(contract, assetSet))(as("own pod"));
      expect(openWrite(contract, assetSet, await read(nodes.a))).toBeUndefined();
    });

    test("the taint of a node that somebody else labelled", async () => {
      const opening = openWrite(contract, assetSet, await read(nodes.c));
      if (!opening) throw new Error("the node carries no startup taint");
      await write(nodes.c, opening)(as("pod of a proven node"));
      expect(openWrite(contract, assetSet, await read(nodes.c))).toBeUndefined();
    });

    test.each(Object.entries(patchTypes))(
      "the label as a %s patch, over an older set",
      async (kind, type) => {
        const old = { metadata: { labels: { [contract.assetsLabel]: "assets-older" } } };
        await patch(nodes.b, old)(lab.client);
        const labels = { [contract.assetsLabel]: assetSet };
        const json = [
          {
            op: "replace",
            path: `/metadata/labels/${contract.assetsLabel.replace("/", "~1")}`,
            value: assetSet,
          },
        ];
        const apply = { apiVersion: "v1", kind: "Node", metadata: { name: nodes.b, labels } };
        const body = kind === "json" ? json : kind === "apply" ? apply : { metadata: { labels } };
        await patch(nodes.b, body, type)(as("pod of another node"));
        expect((await read(nodes.b)).metadata.labels[contract.assetsLabel]).toBe(assetSet);
      },
    );

    test.each([
      ["this", assetSet],
      ["an older", "assets-older"],
    ])("the label of %s set taken off again; all else stays", async (_, value) => {
      await patch(nodes.a, { metadata: { labels: { [contract.assetsLabel]: value } } })(lab.client);
      const before: any = await seen(nodes.a);
      expect(before.labels[contract.assetsLabel]).toBe(value);
      await write(nodes.a, labelRemoval(contract))(as("own pod"));
      Reflect.deleteProperty(before.labels, contract.assetsLabel);
      expect(await seen(nodes.a)).toEqual(before);
      // Once more: nothing is there, and nothing is wrong with that.
      await write(nodes.a, labelRemoval(contract))(as("own pod"));
    });

    test("a removal whose place is out of date is refused by its own test, not carried out elsewhere", async () => {
      const stale = openWrite(contract, assetSet, {
        spec: { taints: [{ key: contract.startupTaint, effect: "NoSchedule" }] },
      });
      if (!stale) throw new Error("no such write");
      const before = await seen(nodes.b);
      const answer = await refusal(() => write(nodes.b, stale)(as("pod of another node")));
      expect(answer?.status).toBe(422);
      expect(await seen(nodes.b)).toEqual(before);
    });
  });
}

/** The token of a pod of the DaemonSet's template on a node, or on none, as the API server gives it to a kubelet. */
async function tokenOn(
  { lab, plan, namespace }: Omit<WriteStage, "as">,
  node?: string,
): Promise<string> {
  return (await podToken(lab.client, plan, namespace, node)).token;
}

/** Waits until the policy judges. */
export async function untilInForce(as: WriteStage["as"]): Promise<void> {
  await eventually("the policy is in force", async () => {
    const nothing = patch(nodes.a, { spec: { unschedulable: false } });
    const answer = await refusal(() => nothing(as("no pod")));
    return answer?.message.includes("node provisioner") ?? false;
  });
}

/** Clients for all who write; `tokenOf` answers with the token of the pod on a node. */
export async function writers(
  stage: Omit<WriteStage, "as">,
  tokenOf = (node: string) => tokenOn(stage, node),
): Promise<Record<Identity, KubeClient>> {
  const { lab, plan, namespace } = stage;
  const admin = lab.client;
  const secret: KubeObject = await admin.create({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "bound", namespace },
  });
  const node = await admin.get({ apiVersion: "v1", kind: "Node", name: nodes.a });
  const bound = (kind: string, { metadata: { name, uid } }: KubeObject) =>
    otherToken(admin, plan.objectName, namespace, {
      boundObjectRef: { apiVersion: "v1", kind, name, uid },
    });
  const of = async (place: string) => admin.withToken(await tokenOf(place));
  return {
    "own pod": await of(nodes.a),
    "pod of another node": await of(nodes.b),
    "pod of a proven node": await of(nodes.c),
    "pod of a node that no pool promised": await of(nodes.d),
    "pod on no node": admin.withToken(await tokenOn(stage)),
    "no pod": admin.withToken(await otherToken(admin, plan.objectName, namespace)),
    "bound to a Secret": admin.withToken(await bound("Secret", secret)),
    "bound to a Node": admin.withToken(await bound("Node", node)),
  };
}
