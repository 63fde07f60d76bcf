import { maxUnavailableFaults, maxUnavailablePods } from "../../../../components/shared/rollouts";
import { tolerationFaults } from "../../../../components/shared/tolerations";

test.each([
  ["1", 1],
  ["99999", 99_999],
  ["1%", "1%"],
  ["100%", "100%"],
])("a rollout may take down %s", (value, pods) => {
  expect(maxUnavailableFaults("maxUnavailable", value)).toEqual([]);
  expect(maxUnavailablePods(value)).toBe(pods);
});

test.each(["0", "0%", "101%", "100000", "-1", "1.5", "", "some", "1 %"])("but not %j", (got) => {
  expect(maxUnavailableFaults("maxUnavailable", got)).toMatchObject([
    { path: "maxUnavailable", problem: "not a number of pods", got },
  ]);
});

test("tolerations are of one taint each", () => {
  const faults = tolerationFaults("tolerations", [
    { key: "a", operator: "Exists" },
    { key: "a", value: "b", effect: "NoSchedule" },
    { operator: "Exists" },
    { key: "", operator: "Exists" },
    { key: "a", operator: "In" },
    { key: "a", operator: "Exists", value: "b" },
  ]);
  expect(faults.map(({ path, problem }) => `${path}: ${problem}`)).toEqual([
    "tolerations[2].key: missing, so it would tolerate every taint",
    "tolerations[3].key: missing, so it would tolerate every taint",
    "tolerations[4].operator: not an operator",
    "tolerations[5].value: an Exists toleration takes none",
  ]);
  expect(tolerationFaults("tolerations", undefined)).toEqual([]);
});
