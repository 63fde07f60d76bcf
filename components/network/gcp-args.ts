import type { Input } from "@pulumi/pulumi";
import type { NatMode } from "./nat-mode";

/** Records of what was sent from where to where, in Cloud Logging; kept as long as the log bucket says. */
export interface GcpFlowLogs {
  /** Writes flow logs. Defaults to true. */
  enabled?: boolean;
  /** Share of the packets' records that is kept, above 0 to 1. Defaults to 0.5. */
  sampling?: number;
}

/** Arguments of {@link GcpNetwork}. */
export interface GcpNetworkArgs {
  /** Region of the subnetwork, as in `europe-west1`; it spans the region's zones. */
  region: string;
  /** Flow logs. Defaults to what {@link GcpFlowLogs} says. */
  flowLogs?: GcpFlowLogs;
  /** How nodes reach the internet: `NatMode.None` or `NatMode.Single`, which spans zones by itself. Defaults to `NatMode.Single`. */
  natMode?: NatMode;
  /** Range of the nodes, /8 to /28. Defaults to "10.0.0.0/20": 4092 nodes. */
  nodeCidr?: string;
  /** Range of the pods, /9 to /21; GKE takes a /24 of it for each node. Defaults to "10.4.0.0/14": 1024 nodes. */
  podCidr?: string;
  /** Project. Defaults to the provider's. */
  project?: Input<string>;
  /** Ranges that the network stays clear of: peers', offices'. Defaults to none. */
  reservedCidrs?: string[];
  /** Range of the Services, /16 to /27. Defaults to "10.8.0.0/20". */
  serviceCidr?: string;
}
