/** What the simulators count, with what it means. Exposed as `kvm_fabric_lab_<name>`. */
const COUNTERS = {
  device_plugin_writes_total: "Writes of node status that gave a node its KVM devices",
  node_writes_total: "Node writes by reporting containers that the API server accepted",
  node_writes_stale_total: "Node writes refused because the node had changed meanwhile",
  node_writes_refused_total: "Node writes refused by authorization or admission",
  reports_total: "Reports brought to their end",
  withdrawals_total: "Labels taken off nodes by reporting containers whose provisioner went",
  volumes_created_total: "Volumes made for claims",
  volumes_removed_total: "Volumes removed after their claims",
  addresses_given_total: "Addresses given to load balancers and Ingresses",
  failures_total: "Work that failed and is tried again",
} as const;

/** The name of a counter. */
export type CounterName = keyof typeof COUNTERS;

/** The simulators' counters, readable as Prometheus text. */
export class Metrics {
  readonly #values = new Map<CounterName, number>();

  /** Adds one. */
  count(name: CounterName): void {
    this.#values.set(name, this.value(name) + 1);
  }

  /** How often something has happened. */
  value(name: CounterName): number {
    return this.#values.get(name) ?? 0;
  }

  /** All counters and the memory of this process, in the Prometheus text format. */
  render(): string {
    const counters = counterNames().flatMap((name) =>
      metric(name, "counter", COUNTERS[name], this.value(name)),
    );
    const memory = process.memoryUsage.rss();
    const help = "Resident memory of the simulators";
    return [...counters, ...metric("resident_memory_bytes", "gauge", help, memory), ""].join("\n");
  }
}

function counterNames(): CounterName[] {
  return Object.keys(COUNTERS).filter((name): name is CounterName => name in COUNTERS);
}

function metric(name: string, type: string, help: string, value: number): string[] {
  const full = `kvm_fabric_lab_${name}`;
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, `${full} ${value}`];
}
