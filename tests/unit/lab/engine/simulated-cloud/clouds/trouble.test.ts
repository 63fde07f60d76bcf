import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  type CloudSettings,
  DEFAULT_SETTINGS,
  settingsFrom,
} from "../../../../../../lab/engine/simulated-cloud/clouds/settings";
import { troubleMaker } from "../../../../../../lab/engine/simulated-cloud/clouds/trouble";
import {
  latencies,
  latencySeconds,
} from "../../../../../../lab/engine/simulated-cloud/clouds/latencies";

const call = { operation: "create", type: "aws:ec2/vpc:Vpc", name: "net" } as const;

const settings = (more: Partial<CloudSettings>) => {
  const value = { ...DEFAULT_SETTINGS, ...more };
  return () => value;
};

test("a fault strikes the n-th calls that fit, and those only", () => {
  const fault = {
    match: "Vpc net$",
    operation: "create",
    when: "before",
    nth: 2,
    times: 2,
    message: "x",
  } as const;
  const trouble = troubleMaker(settings({ faults: [fault] }));
  const struck = [1, 2, 3, 4].map(() => trouble(call).fault?.message);
  expect(struck).toEqual([undefined, "x", "x", undefined]);
  expect(trouble({ ...call, name: "other" }).fault).toBeUndefined();
  expect(trouble({ ...call, operation: "delete" }).fault).toBeUndefined();
});

test("throttling is hidden unless it is said to surface", () => {
  const rule = { match: "Vpc", operation: "create", refusals: 2, surfaces: false } as const;
  expect(troubleMaker(settings({ throttling: [rule] }))(call)).toEqual({ hiddenRefusals: 2 });
  const surfacing = troubleMaker(settings({ throttling: [{ ...rule, surfaces: true }] }));
  const refusals = [1, 2, 3, 4].map(() => surfacing(call).refusal !== undefined);
  expect(refusals).toEqual([true, true, false, true]);
});

test("settings are read anew when the file changes, and a wrong one is refused with its path", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-settings-"));
  const file = path.join(folder, "settings.json");
  const read = settingsFrom(file);
  expect(read()).toEqual(DEFAULT_SETTINGS);
  fs.writeFileSync(file, JSON.stringify({ speed: 60 }));
  expect(read().speed).toBe(60);
  fs.writeFileSync(file, JSON.stringify({ faults: [{ match: "x", operation: "destroy" }] }));
  fs.utimesSync(file, new Date(), new Date(Date.now() + 5000));
  expect(() => read()).toThrow(/settings.json: [\s\S]*operation/);
  fs.rmSync(folder, { recursive: true });
});

test("every latency has its source and takes time; an unknown kind answers in a second", () => {
  for (const [type, { create, update, delete: remove, source }] of Object.entries(latencies)) {
    expect([type, source.length > 0, Math.min(create, update, remove) > 0]).toEqual([
      type,
      true,
      true,
    ]);
  }
  expect(latencySeconds("aws:eks/cluster:Cluster", "create")).toBe(540);
  expect(latencySeconds("aws:sfn/stateMachine:StateMachine", "create")).toBe(1);
});
