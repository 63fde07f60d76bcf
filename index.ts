import { readConfig } from "./stacks/config";
import { deployTarget } from "./stacks/targets";

/** The outputs of the stack; what they are is said in stacks/fabric.ts. */
export const { assetSet, consulAddress, gatewayUrls, namespaces, queenHost, workers } =
  deployTarget(readConfig());
