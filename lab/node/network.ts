import { createHash } from "node:crypto";
import * as os from "node:os";

/** Addresses of a real node: a link of its own to the machine, and a range for its pods. */
export interface NodeNetwork {
  /** Name of the link's end on the machine, at most 15 characters. */
  link: string;
  /** The machine's address on the link: what pods reach servers of the machine by. */
  host: string;
  /** The node's address. */
  node: string;
  /** Range of the pods, as a prefix. */
  pods: string;
  /** The pods' gateway: the node, seen from them. */
  gateway: string;
}

// Set aside for tests of networks (RFC 2544): no route on the internet leads there. The first half is links, the
// second pods.
const PREFIX = { links: "198.18", pods: "198.19" } as const;

/** The range that holds every address of every node. */
export const NODES_RANGE = "198.18.0.0/15";

const NUMBERS = 256;

/**
 * Addresses for a node that nobody on this machine uses: a number below 256 found from the lab's folder and the node's name,
 * the next one where that is taken. Errors: throws where all are taken.
 */
export function planNetwork(
  state: string,
  name: string,
  taken: readonly string[] = ownAddresses(),
): NodeNetwork {
  const hash = createHash("sha256").update(`${state}\0${name}`).digest();
  const first = hash.readUInt16BE(0);
  for (let offset = 0; offset < NUMBERS; offset += 1) {
    const number = (first + offset) % NUMBERS;
    const host = `${PREFIX.links}.${number}.1`;
    if (taken.includes(host)) continue;
    return {
      link: `kf-${hash.toString("hex").slice(0, 12)}`,
      host,
      node: `${PREFIX.links}.${number}.2`,
      pods: `${PREFIX.pods}.${number}.0/24`,
      gateway: `${PREFIX.pods}.${number}.1`,
    };
  }
  throw new Error(`all ${NUMBERS} networks for real nodes are in use on this machine`);
}

/** The IPv4 addresses of this machine's own interfaces. */
function ownAddresses(): string[] {
  return Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address);
}

/** What the machine does to make the link, as arguments of `ip`; the node is the process with that id. */
export function hostLinkCommands(network: NodeNetwork, pid: number): string[][] {
  const { link, host, node, pods } = network;
  const peer = ["peer", "name", "eth0", "netns", String(pid)];
  return [
    ["link", "add", link, "type", "veth", ...peer],
    ["address", "add", `${host}/30`, "dev", link],
    ["link", "set", link, "up"],
    ["route", "add", pods, "via", node],
  ];
}

/**
 * What the node does. There is no default route: nothing that runs on it reaches anything but this machine. The API
 * server's service has its address on the node itself, where the gate listens.
 */
export function nodeLinkCommands(network: NodeNetwork, serviceAddress: string): string[][] {
  const { host, node } = network;
  return [
    ["link", "set", "lo", "up"],
    ["address", "add", `${serviceAddress}/32`, "dev", "lo"],
    ["address", "add", `${node}/30`, "dev", "eth0"],
    ["link", "set", "eth0", "up"],
    ["route", "add", NODES_RANGE, "via", host],
  ];
}

/** The configuration of the pods' network: a bridge on the node, addresses from its own range. */
export function cniConfig({ pods, gateway }: NodeNetwork): string {
  return `${JSON.stringify(
    {
      cniVersion: "1.0.0",
      name: "lab",
      plugins: [
        {
          type: "bridge",
          bridge: "cni0",
          isGateway: true,
          // Without translation of addresses: the machine has a route to the pods.
          ipMasq: false,
          hairpinMode: true,
          ipam: {
            type: "host-local",
            ranges: [[{ subnet: pods, gateway }]],
            routes: [{ dst: "0.0.0.0/0" }],
          },
        },
        { type: "portmap", capabilities: { portMappings: true } },
      ],
    },
    undefined,
    2,
  )}\n`;
}
