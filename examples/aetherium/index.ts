import * as pulumi from "@pulumi/pulumi";
import * as aws from "./aws";
import * as azure from "./azure";
import * as bareMetal from "./bare-metal";
import * as gcp from "./gcp";
import * as kubernetes from "./kubernetes";

const targets: Partial<Record<string, typeof kubernetes>> = {
  ...{ aws, azure, "bare-metal": bareMetal, gcp, kubernetes },
};

const target = new pulumi.Config().require("target");
const chosen = targets[target];
if (chosen === undefined) {
  const allowed = Object.keys(targets).join(", ");
  throw new pulumi.RunError(`aetherium:target: not a target, got "${target}", allowed ${allowed}`);
}

/** What the target answers with: where the catalogue is, the workers' name in it, and where callers reach the gateway. */
export const { consulAddress, serviceName, urls } = chosen.deploy();
