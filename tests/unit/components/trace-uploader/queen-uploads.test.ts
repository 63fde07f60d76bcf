import * as pulumi from "@pulumi/pulumi";
import {
  queenUploads,
  type QueenUploadsOutputs,
} from "../../../../components/trace-uploader/queen-uploads";

const identities: Record<string, { certificate: string; key: string }> = {
  traces: { certificate: "CERTIFICATE", key: "KEY" },
};
const queen: QueenUploadsOutputs = {
  caCertificate: pulumi.output("AUTHORITY"),
  consumerRoles: { traces: "uploader", alerts: "uploader", workers: "worker" },
  identities: pulumi.secret(identities),
  serverName: pulumi.output("queen.nodes.svc"),
  uploadsHost: pulumi.output("10.0.0.9"),
};

/** What an output holds. */
const settled = <T>(output: pulumi.Input<T>) =>
  new Promise((resolve) => {
    pulumi.all([output]).apply(([value]) => {
      resolve(value);
    });
  });

test("says what an uploader outside the cluster needs, its key as a secret", async () => {
  const uploads = queenUploads(queen, "traces");
  expect(await settled(uploads)).toEqual({
    caCertificate: "AUTHORITY",
    clientCertificate: "CERTIFICATE",
    clientKey: "KEY",
    host: "10.0.0.9",
    serverName: "queen.nodes.svc",
  });
  expect(await pulumi.isSecret(pulumi.output(uploads.clientKey))).toBe(true);
});

test.each([
  ["a worker", queen, "workers", 'queen has no uploader "workers", allowed alerts, traces'],
  [
    "anybody, where there is no uploader",
    { ...queen, consumerRoles: {} },
    "traces",
    'queen has no uploader "traces", allowed one, which consumers must name',
  ],
  [
    "one, without a load balancer",
    { ...queen, uploadsHost: undefined },
    "traces",
    "queen has no load balancer for uploaders outside the cluster; try its argument loadBalancer",
  ],
  [
    "one whose key cert-manager keeps in the cluster",
    { ...queen, identities: undefined },
    "traces",
    "queen's certificates are cert-manager's, which keeps them in the cluster; try generated ones",
  ],
])("is refused for %s, at once", (_, outputs, consumer, message) => {
  expect(() => queenUploads(outputs, consumer)).toThrow(message);
});

test("a load balancer without an address yet is no fault: the run that waits for it may be the next", async () => {
  const { host } = queenUploads({ ...queen, uploadsHost: pulumi.output("") }, "traces");
  expect(await settled(host)).toBe("");
});
