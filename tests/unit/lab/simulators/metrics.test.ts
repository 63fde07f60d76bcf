import { Metrics } from "../../../../lab/simulators/metrics";

describe("Metrics", () => {
  it("renders every counter, also those still at zero, and the memory", () => {
    const metrics = new Metrics();
    metrics.count("node_writes_total");
    metrics.count("node_writes_total");
    const lines = metrics.render().split("\n");
    expect(lines).toContain("kvm_fabric_lab_node_writes_total 2");
    expect(lines).toContain("kvm_fabric_lab_node_writes_refused_total 0");
    expect(lines).toContain("# TYPE kvm_fabric_lab_node_writes_total counter");
    expect(lines.at(-2)).toMatch(/^kvm_fabric_lab_resident_memory_bytes \d{7,}$/);
  });
});
