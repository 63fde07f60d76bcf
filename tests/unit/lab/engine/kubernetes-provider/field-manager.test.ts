import type { KubeClient } from "../../../../../lab/kube/client";
import { KubeError } from "../../../../../lab/kube/kube-error";
import type { KubeObject } from "../../../../../lab/kube/objects";
import { migrateOwnership } from "../../../../../lab/engine/kubernetes-provider/operations/field-manager";

const deployment = (resourceVersion: string): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: "it",
    namespace: "ns",
    resourceVersion,
    managedFields: [
      { manager: "kubectl", operation: "Update", fieldsV1: { "f:spec": {} } },
    ] as never,
  },
});

/** A server on which the object changes between the read and each of the first writes. */
function busyServer(writesLost: number) {
  const versions: unknown[] = [];
  let version = 1;
  const patch = (_: unknown, body: { value: unknown }[]) => {
    versions.push(body[1]?.value);
    if (versions.length > writesLost) return Promise.resolve(deployment("99"));
    version += 1;
    return Promise.reject(new KubeError(409, "Conflict", "the object has been modified"));
  };
  const get = () => Promise.resolve(deployment(String(version)));
  return { client: { patch, get } as unknown as KubeClient, versions };
}

test("ownership is moved with what is there now, however often a controller was first", async () => {
  const { client, versions } = busyServer(3);
  await migrateOwnership(client, deployment("1"), "pulumi");
  expect(versions).toEqual(["1", "2", "3", "4"]);
});

test("an object that never holds still is reported after five attempts", async () => {
  const { client, versions } = busyServer(100);
  await expect(migrateOwnership(client, deployment("1"), "pulumi")).rejects.toThrow(
    "the object has been modified",
  );
  expect(versions).toHaveLength(5);
});
