import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import * as fabric from "kvm-fabric/kubernetes";
import { cohesix } from "./fabric";

/** On a cluster that exists: a CronJob moves the traces to any store that speaks S3. */
export function deploy() {
  const config = new pulumi.Config();
  const context = config.require("context");
  const cluster = new Provider("cluster", { context, clusterIdentifier: context });
  const { daemonSetName, inCluster, queen, services } = cohesix({ cluster });

  const store = config.requireObject<fabric.TraceStore>("store");
  const uploader = {
    namespace: services,
    image: config.require("nodeImage"),
    queen: fabric.queenRef(queen, "uploader"),
    store,
  };
  new fabric.TraceUploader("cohesix-uploader", uploader, inCluster);
  return { daemonSetName, kubeconfig: "", traces: store.bucket };
}
