import { AwsNetwork } from "../../../components/network/aws";
import { Consul } from "../../../components/consul/consul";
import { remakeable } from "../../../policy/exceptions";
import { isStateful } from "../../../policy/stateful-kinds";
import { deploy } from "../../support/deploy";
import { recordedOutputs } from "./stacks";

const image = `docker.io/hashicorp/consul:2.0.2@sha256:${"a".repeat(64)}`;

/** What the library makes of kinds that hold data, and does not guard. */
async function unguarded() {
  const deployment = await deploy(
    () => {
      new AwsNetwork("net", { zones: ["eu-central-1a", "eu-central-1b"] });
      new Consul("consul", { image, namespace: "services" });
    },
    { outputsOf: recordedOutputs },
  );
  return deployment.resources.filter(({ type, protect }) => isStateful(type) && !protect);
}

test("each entry of what is made again is needed, and covers nothing besides", async () => {
  const covered = (await unguarded()).map(({ type, name }) => {
    const entry = remakeable.findIndex((one) => one.type === type && one.name.test(name));
    return `${name}: ${entry}`;
  });
  expect(covered.sort()).toEqual(["consul-server-key: 0", "net-flow-logs: 1"]);
  expect(remakeable).toHaveLength(2);
});
