import { renderFault } from "../../../../components/shared/faults";
import { cpuFaults, memoryFaults } from "../../../../components/shared/quantities";

test.each(["0.5", "500m", "2", "1.25", "16", "1m", "0.001"])("%s is an amount of CPU", (got) => {
  expect(cpuFaults("cpu", got)).toEqual([]);
});

test.each(["0", "0m", "0.0", "-1", "1Gi", "0.5m", "1.2345", "500M", "two", "", " 1", "1e3"])(
  "%j is none",
  (got) => {
    expect(cpuFaults("cpu", got)).toMatchObject([{ problem: "not an amount of CPU", got }]);
  },
);

test.each(["512Mi", "16Gi", "1.5Gi", "1G", "1048576", "2000k", "1024Ki", "1Ti"])(
  "%s is an amount of memory",
  (got) => {
    expect(memoryFaults("memory", got)).toEqual([]);
  },
);

test.each(["512m", "0", "0Gi", "512", "1Ki", "4GB", "1gi", "ki", "-1Gi", "", "1 Gi", "1e9"])(
  "%j is none",
  (got) => {
    expect(memoryFaults("memory", got)).toMatchObject([
      { problem: "not an amount of memory", got },
    ]);
  },
);

test("says what was meant", () => {
  expect(memoryFaults("resources.memory", "512m").map(renderFault)).toEqual([
    'resources.memory: not an amount of memory, got "512m", allowed bytes, at least 1Mi, as in "512Mi" and "16Gi"; try "512Mi"',
  ]);
  expect(memoryFaults("m", "4GB")).toMatchObject([{ fix: '"4Gi"' }]);
  expect(memoryFaults("m", "lots")[0]).not.toHaveProperty("fix");
});

test("nothing is no fault", () => {
  expect([...cpuFaults("cpu", undefined), ...memoryFaults("memory", undefined)]).toEqual([]);
});
