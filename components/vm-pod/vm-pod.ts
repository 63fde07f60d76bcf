import type { Input } from "@pulumi/pulumi";
import type { NodeContract, Toleration } from "../shared/node-contract";

/** What every pod that runs virtual machines on a proven node is told, whatever it is for. */
export interface VmPod {
  assetFiles: string[];
  assetSet: Input<string>;
  assetsMountPath: string;
  assetsRoot: string;
  contract: NodeContract;
  image: string;
  nodeSelector: Record<string, string>;
  tolerations: Toleration[];
}
