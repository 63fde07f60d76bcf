import * as fs from "node:fs";
import * as k8s from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import type { RecordedResource } from "../../recording";

// The provider is explicit, as in the fabric; every other resource is registered as it was recorded.
const file = new pulumi.Config().require("recording");
const recording: RecordedResource[] = JSON.parse(fs.readFileSync(file, "utf8"));
const provider = new k8s.Provider("cluster", { clusterIdentifier: "bench" });

class Flat extends pulumi.CustomResource {}

const made = new Map<string, pulumi.Resource>();
for (const { urn, type, name, inputs, secrets, dependencies, timeouts } of recording) {
  const values = Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [
      key,
      secrets.includes(key) ? pulumi.secret(value) : value,
    ]),
  );
  const resource = new Flat(type, name, values, {
    dependsOn: dependencies.flatMap((dependency) => made.get(dependency) ?? []),
    customTimeouts: timeouts,
    ...(type.startsWith("kubernetes:") && { provider }),
  });
  made.set(urn, resource);
}
