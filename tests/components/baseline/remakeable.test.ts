import { AwsNetwork } from "../../../components/network/aws";
import { Consul } from "../../../components/consul/consul";
import { Queen } from "../../../components/queen/queen";
import { QueenRole } from "../../../components/queen/roles";
import { Redis } from "../../../components/redis/redis";
import { AwsTraceUploader } from "../../../components/trace-uploader/aws/aws-trace-uploader";
import { AzureTraceUploader } from "../../../components/trace-uploader/azure/azure-trace-uploader";
import { GcpTraceUploader } from "../../../components/trace-uploader/gcp/gcp-trace-uploader";
import { remakeable } from "../../../policy/exceptions";
import { isStateful } from "../../../policy/stateful-kinds";
import { deploy } from "../../support/deploy";
import { awsLeast, azureLeast, gcpLeast } from "../../unit/components/trace-uploader/least";
import { make, outputsOf as storeOutputs, storeCall } from "../data-store/managed/stores";
import { outputsOf as uploaderOutputs } from "../trace-uploader/outputs";
import { recordedOutputs } from "./stacks";

const image = `docker.io/hashicorp/consul:2.0.2@sha256:${"a".repeat(64)}`;

/** What the library makes of kinds that hold data, and does not guard. */
async function unguarded() {
  const deployment = await deploy(
    () => {
      new AwsNetwork("net", { zones: ["eu-central-1a", "eu-central-1b"] });
      new Consul("consul", { image, namespace: "services" });
      const pinned = { image, namespace: "services" };
      new Queen("queen", {
        ...{ ...pinned, assetSet: "set", proxyImage: image },
        consumers: [{ name: "workers", role: QueenRole.Worker }],
      });
      new Redis("redis", { ...pinned, consumers: [{ name: "gateway", namespace: "api" }] });
      new AwsTraceUploader("aws", awsLeast);
      new AzureTraceUploader("azure", azureLeast);
      new GcpTraceUploader("gcp", gcpLeast);
      void make("AwsPostgres", "aws-db");
      void make("AzurePostgres", "azure-db");
      void make("GcpPostgres", "gcp-db");
    },
    {
      call: storeCall,
      outputsOf: (type, name, inputs) => ({
        ...uploaderOutputs?.(type, name, inputs),
        ...recordedOutputs?.(type, name, inputs),
        ...storeOutputs(type, name, inputs),
      }),
    },
  );
  return deployment.resources.filter(({ type, protect }) => isStateful(type) && !protect);
}

test("each entry of what is made again is needed, and covers nothing besides", async () => {
  const covered = (await unguarded()).map(({ type, name }) => {
    const entry = remakeable.findIndex((one) => one.type === type && one.name.test(name));
    return `${name}: ${entry}`;
  });
  expect(covered.sort()).toEqual([
    "aws-db-password: 8",
    "aws-queen-identity: 3",
    "azure-code: 6",
    "azure-db-password: 8",
    "consul-server-key: 0",
    "gcp-code: 5",
    "gcp-db-password: 8",
    "gcp-queen-identity: 4",
    "net-flow-logs: 2",
    "queen-server-key: 0",
    "queen-workers-client-key: 1",
    "redis-gateway-login: 7",
    "redis-operator-login: 7",
    "redis-probe-login: 7",
    "redis-server-key: 0",
  ]);
  expect(remakeable).toHaveLength(9);
});
