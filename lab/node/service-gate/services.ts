import { type KubeObject, listAt, numberAt, recordAt, textAt } from "../../kube/objects";

/** Where a Service's connections go. */
export interface Place {
  address: string;
  port: number;
}

/** What the Services of a cluster lead to. */
export interface ServiceTable {
  /** Ready places behind an address and its port, by `ADDRESS PORT`. */
  routes: Map<string, Place[]>;
  /** Addresses by full name, without a dot at the end; none where nothing is ready behind a Service without its own. */
  names: Map<string, string[]>;
}

/** The domain of a cluster's own names. */
export const CLUSTER_DOMAIN = "cluster.local";

/** The range that an API server takes the addresses of Services from where it is told none. */
export const SERVICE_RANGE = "10.0.0.0/24";

/** Where a cluster's DNS is by custom: one of those that are handed out last. */
export const DNS_ADDRESS = "10.0.0.10";

const SERVICE_NAME = "kubernetes.io/service-name";

/** What Services and EndpointSlices say together; TCP and IPv4 alone. Pure. */
export function serviceTable(
  services: readonly KubeObject[],
  slices: readonly KubeObject[],
): ServiceTable {
  const table: ServiceTable = { routes: new Map(), names: new Map() };
  for (const service of services) {
    const { name = "", namespace = "" } = service.metadata;
    const own = slices.filter(
      ({ metadata }) =>
        metadata.namespace === namespace && metadata.labels?.[SERVICE_NAME] === name,
    );
    const address = textAt(service, "spec", "clusterIP") ?? "";
    const hasAddress = /^[\d.]+$/.test(address);
    const full = `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
    table.names.set(full, hasAddress ? [address] : own.flatMap(readyAddresses));
    if (!hasAddress) continue;
    for (const port of listAt(service, "spec", "ports")) {
      if ((textAt(port, "protocol") ?? "TCP") !== "TCP") continue;
      const places = own.flatMap((slice) => placesOf(slice, textAt(port, "name") ?? ""));
      if (places.length > 0) table.routes.set(`${address} ${numberAt(port, "port")}`, places);
    }
  }
  return table;
}

/** The API server finds the port of a name for each pod, so slices have numbers. */
function placesOf(slice: KubeObject, name: string): Place[] {
  const ports = listAt(slice, "ports").filter((port) => (textAt(port, "name") ?? "") === name);
  return ports.flatMap((port) => {
    const number = numberAt(port, "port");
    return number === undefined
      ? []
      : readyAddresses(slice).map((address) => ({ address, port: number }));
  });
}

function readyAddresses(slice: KubeObject): string[] {
  if (textAt(slice, "addressType") !== "IPv4") return [];
  return listAt(slice, "endpoints")
    .filter((endpoint) => recordAt(endpoint, "conditions").ready !== false)
    .flatMap((endpoint) => listAt(endpoint, "addresses").map(String));
}
