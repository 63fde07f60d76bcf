import * as pulumi from "@pulumi/pulumi";
import * as aws from "./aws";
import type { Cohesix } from "./fabric";
import * as gcp from "./gcp";
import * as kubernetes from "./kubernetes";

const targets: Partial<Record<string, { deploy: () => Cohesix }>> = { aws, gcp, kubernetes };

const target = new pulumi.Config().require("target");
const chosen = targets[target];
if (chosen === undefined) {
  const allowed = Object.keys(targets).join(", ");
  throw new pulumi.RunError(`cohesix:target: not a target, got "${target}", allowed ${allowed}`);
}

/** What the target answers with; fabric.ts says what each is. */
export const { daemonSetName, kubeconfig, traces } = chosen.deploy();
