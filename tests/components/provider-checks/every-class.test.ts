import { generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as components from "../../../components";
import schema from "../../../components/schema.json";
import { created } from "../../../lab/engine/simulated-cloud/lifecycle";
import { tls } from "../../../lab/engine/simulated-cloud/tls/package";
import { azureCall, azureOutputs, gcpOutputs } from "../../support/cloud-outputs";
import { type Deployment, type DeployOptions, deploy, tree } from "../../support/deploy";
import { stopTheClock } from "../../support/stack-settings";
import { AUTHORITY } from "../../unit/components/consul/authority";
import { awsOutputs } from "../cluster/aws/outputs";
import { outputsOf as storeOutputs, storeCall } from "../data-store/managed/stores";
import { computed } from "../karpenter/cluster";
import { argumentsOf } from "./arguments";
import { LATER, withInputsLater } from "./later";
import { providerFaults } from "./provider-check";

stopTheClock();

const classes = Object.keys(schema.resources).map((token) => token.split(":").at(-1) ?? "");

test("every class of the package has its arguments here, and none else", () => {
  expect(Object.keys(argumentsOf).sort()).toEqual(classes.sort());
});

const certRequest = tls.resources["tls:index/certRequest:CertRequest"]!;
const privateKeyPem = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "sec1", format: "pem" })
  .toString();
let generated: Record<string, object>;
beforeAll(async () => {
  const request = await created(certRequest, { privateKeyPem });
  generated = {
    "tls:index/privateKey:PrivateKey": { privateKeyPem },
    "tls:index/selfSignedCert:SelfSignedCert": { certPem: AUTHORITY },
    "tls:index/certRequest:CertRequest": request.state,
  };
});

/** What the clouds compute, as far as components build on it. */
const outputsOf = (type: string, name: string, inputs: any): Record<string, any> => ({
  ...(type.startsWith("aws:") && { arn: `arn:aws:any:eu-central-1:123456789012:${name}` }),
  ...gcpOutputs(type, name, inputs),
  ...azureOutputs(type, name, inputs),
  ...awsOutputs(type, name, inputs),
  ...computed(type, name, inputs),
  ...storeOutputs(type, name, inputs),
  ...generated[type],
  ...(type === "command:remote:Command" && { stdout: "a\nb\nc\n" }),
});

const call: DeployOptions["call"] = (args) =>
  /listDatabaseKeys$|getClientConfig$/.test(args.token) ? storeCall(args) : azureCall(args);

/** Deploys the class with each value that may be unknown handed on by another resource. */
function run(name: string, args: object, preview: boolean): Promise<Deployment> {
  const Component: any = Reflect.get(components, name);
  const program = () => {
    new Component("fabric", withInputsLater(name, args));
  };
  return deploy(program, { outputsOf, call, preview });
}

const made = (deployment: Deployment) => tree(deployment).filter((line) => !line.startsWith(LATER));

const rows = Object.entries(argumentsOf).flatMap(([name, [least, most]]) => [
  { name, how: "the least", args: least },
  { name, how: "the most", args: most },
]);

test.each(rows)(
  "the providers take what $name makes of $how arguments, known or not",
  async ({ name, args }) => {
    const known = await run(name, args, false);
    expect(await providerFaults(known)).toEqual([]);
    const unknown = await run(name, args, true);
    expect(await providerFaults(unknown)).toEqual([]);
    expect(made(unknown)).toEqual(made(known));
    expect(made(known).length).toBeGreaterThan(1);
  },
);

class Wrong extends pulumi.CustomResource {}

test("the providers refuse a misspelt property, a wrong type, a missing one and a kind that they lack", async () => {
  const wrong: [string, object][] = [
    ["aws:ec2/vpc:Vpc", { cidrBlok: "10.0.0.0/16" }],
    ["gcp:container/nodePool:NodePool", { cluster: "c", nodeConfig: { diskSizeGb: "100" } }],
    ["azure-native:containerservice:AgentPool", { resourceName: "c" }],
    ["kubernetes:core/v1:ConfigMap", { apiVersion: "v1" }],
    ["random:index/randomPassword:RandomPassword", {}],
  ];
  const of = async (some: [string, object][]) =>
    providerFaults(
      await deploy(() => {
        for (const [type, inputs] of some) new Wrong(type, "wrong", inputs);
      }),
    );
  expect((await of(wrong)).sort()).toEqual([
    "aws:ec2/vpc:Vpc wrong cidrBlok: unknown property; did you mean cidrBlock?",
    expect.stringContaining("wrong resourceGroupName: required"),
    expect.stringContaining("wrong nodeConfig.diskSizeGb: must be a number"),
    expect.stringContaining("wrong kind: must be a string"),
    expect.stringContaining("wrong length: required"),
  ]);
  await expect(of([["other:index:Thing", {}]])).rejects.toThrow("no provider of the lab");
});
