import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { aetherium } from "./fabric";

/** On a cluster that exists: its database in it, or somebody else's. */
export function deploy() {
  const context = new pulumi.Config().require("context");
  return aetherium({ cluster: new Provider("cluster", { context, clusterIdentifier: context }) });
}
