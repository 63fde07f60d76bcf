import {
  conditionRemoval,
  conditionWrite,
  nodeEvent,
} from "../../../components/node-provisioner/node-reports";
import type { ProvisionerPlan } from "../../../components/node-provisioner/plan";
import type { KubeClient } from "../../../lab/kube/client";
import { eventually } from "../../support/wait";
import { refusal } from "./stage";

/** Where the writes are made. */
export interface ReportStage {
  lab: { client: KubeClient };
  plan: ProvisionerPlan;
  /** That of the provisioner. */
  namespace: string;
  /** The node of whoever writes, and another. */
  own: string;
  other: string;
  /** Whoever writes; only while tests run. */
  pod: () => KubeClient;
}

const EVENTS = "/api/v1/namespaces/default/events";
const TIME = "2026-11-21T00:00:00Z";
const REPORT = { status: "True", reason: "Proven", message: "as it is" };
const rbac = "rbac.authorization.k8s.io/v1";

/** Declares the tests of what a pod writes of events, Leases and its condition: of every hostile and every legal write. */
export function describeReports({
  lab,
  plan,
  namespace,
  own: OWN,
  other: OTHER,
  pod,
}: ReportStage): void {
  const { domain } = plan.contract;
  const wide = `${namespace}-wide`;
  const LEASE = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${plan.leaseName}`;

  const event = (node: string, change: object = {}, path = EVENTS) =>
    pod().request("POST", path, {
      body: { ...nodeEvent(node, "Normal", REPORT, TIME), ...change },
    });
  const patchLease = (body: object) =>
    pod().request("PATCH", LEASE, { body, contentType: "application/merge-patch+json" });
  const hold = (holderIdentity: string | null) => patchLease({ spec: { holderIdentity } });
  const annotate = (annotations: object, more: object = {}) =>
    patchLease({ metadata: { annotations }, ...more });
  const verdict = (which: string, text = OWN) => ({ [`${domain}/${which}`]: text });
  const asAdmin = (body: object) =>
    lab.client.request("PATCH", LEASE, { body, contentType: "application/merge-patch+json" });

  const HOSTILE: [string, () => Promise<unknown>][] = [
    ["an event of another node", () => event(OTHER)],
    [
      "an event of something else",
      () => event(OWN, { involvedObject: { kind: "Pod", name: OWN, namespace: "default" } }),
    ],
    [
      "an event in another's name",
      () => event(OWN, { source: { component: "kubelet", host: OWN } }),
    ],
    [
      "an event of another node by the newer API",
      () =>
        pod().request("POST", "/apis/events.k8s.io/v1/namespaces/default/events", {
          body: {
            apiVersion: "events.k8s.io/v1",
            kind: "Event",
            metadata: { generateName: "x-", namespace: "default" },
            ...{
              action: "x",
              eventTime: "2026-11-21T00:00:00.000000Z",
              reason: "x",
              type: "Normal",
            },
            ...{ reportingController: "x.example.com/x", reportingInstance: "x" },
            regarding: { kind: "Node", name: OTHER },
          },
        }),
    ],
    ["all events removed", () => pod().request("DELETE", EVENTS)],
    ["the Lease for another node", () => hold("nobody")],
    ["the Lease's duration", () => patchLease({ spec: { leaseDurationSeconds: 1 } })],
    ["the Lease's labels", () => patchLease({ metadata: { labels: { a: "b" } } })],
    ["another annotation", () => annotate({ "example.com/a": "b" })],
    ["a verdict without holding it", () => annotate(verdict("proven"))],
    [
      "a verdict while taking it",
      () => annotate(verdict("failed"), { spec: { holderIdentity: OWN } }),
    ],
    ["another's verdict cleared", () => annotate({ [`${domain}/failed`]: null })],
    ["the Lease removed", () => pod().request("DELETE", LEASE)],
    [
      "a Lease of one's own",
      () =>
        pod().request("POST", LEASE.replace(/\/[^/]*$/, ""), {
          body: {
            apiVersion: "coordination.k8s.io/v1",
            kind: "Lease",
            metadata: { name: "own", namespace },
            spec: { holderIdentity: OWN },
          },
        }),
    ],
    [
      "a node's heartbeat",
      () =>
        pod().request("POST", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", {
          body: {
            apiVersion: "coordination.k8s.io/v1",
            kind: "Lease",
            metadata: { name: OTHER, namespace: "kube-node-lease" },
          },
        }),
    ],
  ];

  describe("even with every right on events and Leases, the policy refuses", () => {
    // Nothing but the policies stands in the way.
    beforeAll(async () => {
      await lab.client.apply({
        apiVersion: rbac,
        kind: "ClusterRole",
        metadata: { name: wide },
        rules: [
          { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["*"] },
          { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["*"] },
        ],
      });
      await lab.client.apply({
        apiVersion: rbac,
        kind: "ClusterRoleBinding",
        metadata: { name: wide },
        roleRef: {
          apiGroup: "rbac.authorization.k8s.io",
          kind: "ClusterRole",
          name: wide,
        },
        subjects: [{ kind: "ServiceAccount", name: plan.objectName, namespace }],
      });
      await eventually("the policy is in force", async () => {
        const answer = await refusal(() => event(OTHER));
        return answer?.message.includes("node provisioner") ?? false;
      });
      await asAdmin({
        metadata: { annotations: verdict("failed", OTHER) },
        spec: { holderIdentity: OTHER },
      });
    });
    afterAll(async () => {
      for (const kind of ["ClusterRoleBinding", "ClusterRole"]) {
        await lab.client.remove({ apiVersion: rbac, kind, name: wide });
      }
    });

    test.each(HOSTILE)("%s", async (_, write) => {
      const before = await lab.client.request("GET", LEASE);
      const answer = await refusal(write);
      if (answer?.status !== 403) throw new Error(JSON.stringify(answer));
      expect(answer.message).toMatch(/the node provisioner may (only|not) /);
      expect(await lab.client.request("GET", LEASE)).toEqual(before);
    });
  });

  describe("what it is for goes through", () => {
    const MICRO = "2026-11-21T00:00:00.000000Z";

    test("an event of its own node", async () => {
      await event(OWN);
    });

    test("a lost Lease taken over, renewed, and its verdict told", async () => {
      await asAdmin({ metadata: { annotations: null }, spec: { holderIdentity: OTHER } });
      await patchLease({ spec: { holderIdentity: OWN, renewTime: MICRO } });
      await patchLease({ spec: { renewTime: MICRO.replace("00Z", "01Z") } });
      await annotate(verdict("proven"));
      const found: any = await lab.client.request("GET", LEASE);
      expect(found.spec.holderIdentity).toBe(OWN);
      expect(found.metadata.annotations).toMatchObject(verdict("proven"));
    });

    test("its condition, set, changed and removed, with the rights that ship", async () => {
      const path = `/api/v1/nodes/${OWN}/status`;
      const ours = async () => {
        const node: any = await lab.client.get({ apiVersion: "v1", kind: "Node", name: OWN });
        const conditions: any[] = node.status.conditions ?? [];
        return conditions.filter(({ type }) => type === "KvmFabricReady");
      };
      const { body, contentType } = conditionWrite(REPORT, TIME, TIME);
      await pod().request("PATCH", path, { body, contentType });
      expect(await ours()).toHaveLength(1);
      const lost = conditionWrite({ status: "False", reason: "NoKvm", message: "x" }, TIME);
      await pod().request("PATCH", path, { body: lost.body, contentType });
      expect(await ours()).toEqual([
        expect.objectContaining({ status: "False", lastTransitionTime: TIME }),
      ]);
      await pod().request("PATCH", path, { body: conditionRemoval().body, contentType });
      expect(await ours()).toEqual([]);
    });
  });
}
