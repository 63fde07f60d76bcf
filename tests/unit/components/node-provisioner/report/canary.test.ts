import {
  condition,
  contract,
  lease,
  OLD_SET,
  reportStage,
  SET,
  type Served,
  type Stage,
} from "./stage";

let stage: Stage;
beforeEach(() => {
  stage = reportStage();
});
afterEach(() => stage.remove());

const CANARY = { KVM_FABRIC_LEASE: "p-set" };
const labelled = (set: string) => ({ labels: { a: "b", [contract.assetsLabel]: set } });
const leaseWrites = () => stage.writes().filter(({ kind }) => kind === "lease");
const turn = () => stage.state("turn");

function wait(served: Served, extra: Record<string, string> = CANARY): void {
  stage.serve(served);
  stage.say("waiting");
  stage.start(extra);
}

test("where there is no canary, every node may go on at once, and no call is made", async () => {
  wait({}, {});
  await stage.until("its turn comes", () => turn() === SET);
  expect(stage.calls()).toEqual([]);
});

test("the first to ask takes the Lease, against the version that it read", async () => {
  wait({ lease: lease({}) });
  await stage.until("its turn comes", () => turn() === SET);
  const [claim] = leaseWrites();
  expect(claim).toMatchObject({ method: "PATCH", type: "application/merge-patch+json" });
  expect(claim?.body.metadata).toEqual({ resourceVersion: "77" });
  expect(claim?.body.spec.holderIdentity).toBe("kvm-1");
  expect(claim?.body.spec.renewTime).toMatch(/^[\d-]+T[\d:]+\.\d{6}Z$/);
});

test("one that was too late asks again, and waits for the one that was quicker", async () => {
  const always = Array.from({ length: 10_000 }, () => 409);
  wait({ lease: lease({}), statuses: { "lease-writes": always } });
  await stage.until("it was refused", () => leaseWrites().length > 0);
  stage.serve({ lease: lease({ holderIdentity: "kvm-2" }) });
  await stage.passes(4);
  expect(turn()).toBeUndefined();
});

test("the others wait until the canary has proven the set, and write nothing", async () => {
  wait({ lease: lease({ holderIdentity: "kvm-2" }) });
  await stage.passes(3);
  expect(turn()).toBeUndefined();
  stage.serve({ lease: lease({ holderIdentity: "kvm-2" }, { proven: "kvm-2" }) });
  await stage.until("its turn comes", () => turn() === SET);
  expect(stage.writes()).toEqual([]);
});

test("a node that had the Lease before its pod was replaced goes on being the canary", async () => {
  wait({ lease: lease({ holderIdentity: "kvm-1" }) });
  await stage.until("its turn comes", () => turn() === SET);
  expect(leaseWrites()).toEqual([]);
});

test("a canary that was not heard of for the Lease's duration is lost, and the next one is it", async () => {
  wait({ lease: lease({ holderIdentity: "kvm-2" }) }, { ...CANARY, KVM_FABRIC_LEASE_SECONDS: "1" });
  await stage.until("its turn comes", () => turn() === SET);
  expect(leaseWrites()[0]?.body.spec.holderIdentity).toBe("kvm-1");
});

test("a canary at work is heard of", async () => {
  wait({ lease: lease({}) }, { ...CANARY, KVM_FABRIC_LEASE_SECONDS: "3" });
  await stage.until("its turn comes", () => turn() === SET);
  stage.serve({ lease: lease({ holderIdentity: "kvm-1" }) });
  stage.say("gating");
  await stage.until("it renews", () => leaseWrites().length >= 2);
  stage.say("waiting", { reason: "MicroVmsRunning" });
  await stage.until("it renews again", () => leaseWrites().length >= 3);
});

test("what the canary proved is written into the Lease, after its own label", async () => {
  wait({ lease: lease({}) });
  await stage.until("its turn comes", () => turn() === SET);
  stage.say("proven", { reason: "Proven" });
  await stage.until("it is told", () => leaseWrites().length === 2);
  expect(leaseWrites()[1]?.body).toEqual({
    metadata: { annotations: { [`${contract.domain}/proven`]: "kvm-1" } },
  });
  const kinds = stage.writes().map(({ kind }) => kind);
  expect(kinds.indexOf("node")).toBeLessThan(kinds.lastIndexOf("lease"));
  await stage.passes(3);
  expect(leaseWrites()).toHaveLength(2);
});

test.each([
  ["keeps the set that it had", OLD_SET],
  ["has no other set", ""],
])("a set that failed on the canary is failed for all, where it %s", async (_, held) => {
  wait({ ...labelled(OLD_SET), lease: lease({}) });
  await stage.until("its turn comes", () => turn() === SET);
  const message = 'no "Welcome" in 10 s';
  stage.say("failed", { reason: "GateFailed", message, assetSet: held });
  await stage.until("it is told", () => leaseWrites().length === 2);
  expect(leaseWrites()[1]?.body).toEqual({
    metadata: { annotations: { [`${contract.domain}/failed`]: 'kvm-1: no "Welcome" in 10 s' } },
  });
});

test("no node follows a canary that failed: what it has stays, and it says why", async () => {
  const failed = lease({ holderIdentity: "kvm-2" }, { failed: "kvm-2: no Welcome" });
  wait({ ...labelled(OLD_SET), lease: failed, conditions: [condition("True", "Proven")] });
  await stage.until("it says so", () => stage.writes().some(({ kind }) => kind === "event"));
  expect(turn()).toBeUndefined();
  const told = stage.writes().find(({ kind }) => kind === "status");
  expect(told?.body.status.conditions[0]).toMatchObject({
    status: "True",
    reason: "UpgradeHalted",
    message: `asset set ${SET} failed on kvm-2: no Welcome`,
  });
  expect(stage.writes().filter(({ kind }) => kind === "node")).toEqual([]);
});

test("a node without any set says that it has none, where the canary failed", async () => {
  wait({ lease: lease({ holderIdentity: "kvm-2" }, { failed: "kvm-2: no Welcome" }) });
  await stage.until("it says so", () => stage.writes().some(({ kind }) => kind === "event"));
  const told = stage.writes().find(({ kind }) => kind === "status");
  expect(told?.body.status.conditions[0]).toMatchObject({
    status: "False",
    reason: "UpgradeHalted",
  });
});

test("once somebody clears the verdict, the rollout goes on", async () => {
  wait({ lease: lease({ holderIdentity: "kvm-2" }, { failed: "kvm-2: no Welcome" }) });
  await stage.until("it says so", () => stage.writes().some(({ kind }) => kind === "event"));
  stage.serve({ lease: lease({ holderIdentity: "kvm-2" }, { proven: "kvm-2" }) });
  await stage.until("its turn comes", () => turn() === SET);
});

describe("while the rollout is paused", () => {
  const PAUSED = { ...CANARY, KVM_FABRIC_PAUSED: "true" };

  test("a node keeps what it has, says so once and asks nothing more", async () => {
    wait({ ...labelled(OLD_SET), conditions: [condition("True", "Proven")] }, PAUSED);
    await stage.until("it says so", () => stage.writes().length === 2);
    await stage.passes(3);
    expect(stage.calls().map(({ method, kind }) => `${method} ${kind}`)).toEqual([
      ...["GET node", "PATCH status", "POST event"],
    ]);
    expect(stage.writes()[0]?.body.status.conditions[0]).toMatchObject({
      status: "True",
      reason: "UpgradePaused",
    });
    expect(turn()).toBeUndefined();
    // Its pod is ready: a rollout that waits for nodes is no rollout that failed.
    expect(stage.state("reported")).toBeDefined();
  });

  test("a node that has none takes what is wanted", async () => {
    wait({}, PAUSED);
    await stage.until("its turn comes", () => turn() === SET);
    expect(stage.writes()).toEqual([]);
  });
});
