import * as pulumi from "@pulumi/pulumi";

/** What an SDK generated from the schema holds: the token, and outputs that the engine fills in. */
class WorkerDaemonSet extends pulumi.ComponentResource {
  declare readonly daemonSetName: pulumi.Output<string>;

  constructor(name: string, args: pulumi.Inputs, opts?: pulumi.ComponentResourceOptions) {
    const outputs = { daemonSetName: undefined, serviceName: undefined };
    super("kvm-fabric:index:WorkerDaemonSet", name, { ...args, ...outputs }, opts, true);
  }
}

const workers = new WorkerDaemonSet(pulumi.getStack(), {
  assetSet: pulumi.output("assets-of-another-program"),
  ...new pulumi.Config().requireObject<pulumi.Inputs>("workers"),
});

export const { daemonSetName } = workers;
