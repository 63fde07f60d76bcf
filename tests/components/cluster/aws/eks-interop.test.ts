import * as fs from "node:fs";
import * as path from "node:path";
import * as eks from "@pulumi/aws/eks";
import * as pulumi from "@pulumi/pulumi";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { eksClusterRef } from "../../../../components/cluster/aws/eks-cluster-ref";
import { deploy, find, tree, UNKNOWN } from "../../../support/deploy";
import { devConfig, exampleFolder, loadProgram } from "../../../support/examples";
import { remember } from "../../../support/remember";
import { awsOutputs } from "./outputs";

const EXAMPLE = exampleFolder("eks-interop");
const REMOTE = "eks:index:Cluster";

/** What the component of `@pulumi/eks`, which runs in a provider of its own, answers. */
const answer = {
  eksCluster: {
    arn: "arn:aws:eks:eu-central-1:123456789012:cluster/eks-interop-1a2b3c4",
    certificateAuthority: { data: "Q0E=" },
    endpoint: "https://api.example",
    kubernetesNetworkConfig: { serviceIpv4Cidr: "10.100.0.0/16" },
    name: "eks-interop-1a2b3c4",
    version: "1.36",
    vpcConfig: { clusterSecurityGroupId: "sg-cluster" },
  },
  kubeconfigJson: '{"kind":"Config"}',
};

/** Lets the mock monitor answer for the remote component, which it knows nothing of. */
function answerRemote(preview: boolean): void {
  const monitor: any = pulumi.runtime.getMonitor();
  const register = monitor.registerResource.bind(monitor);
  const unknown = Object.fromEntries(Object.keys(answer).map((key) => [key, UNKNOWN]));
  monitor.registerResource = (request: any, callback: any) => {
    register(request, (error: any, response: any) => {
      if (request.getType() === REMOTE) {
        response.setObject(Struct.fromJavaScript(preview ? unknown : answer));
      }
      callback(error, response);
    });
  };
}

/** Runs the example from its own file, with the values of its own stack file. */
const run = remember((preview: boolean) => {
  const program = () => {
    answerRemote(preview);
    return loadProgram(EXAMPLE);
  };
  const config = devConfig(EXAMPLE);
  return deploy(program, { config, project: "eks-interop", preview, outputsOf: awsOutputs });
});

test("the example's pool and agents stand on a cluster of @pulumi/eks", async () => {
  const deployment = await run(false);
  const tops = deployment.resources.filter(({ parent }) => parent === "");
  expect(tops.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
    "eks:index:Cluster eks-interop",
    "kvm-fabric:index:AwsKvmNodePool eks-interop-kvm",
    "kvm-fabric:index:Namespaces eks-interop",
    "pulumi:providers:kubernetes cluster",
  ]);
  const entry = find(deployment, "aws:eks/accessEntry:AccessEntry", "eks-interop-kvm-nodes");
  expect(entry.inputs).toMatchObject({ clusterName: "eks-interop-1a2b3c4", type: "EC2_LINUX" });
  expect(entry.dependsOn).toContain("eks-interop");
  const template = find(deployment, "aws:ec2/launchTemplate:LaunchTemplate", "eks-interop-kvm");
  expect(JSON.stringify(template.inputs)).toContain("sg-cluster");
  const userData = Buffer.from(template.inputs.userData, "base64").toString();
  expect(userData).toContain("https://api.example");
  expect(userData).toContain("10.100.0.0/16");
  const provider = find(deployment, "pulumi:providers:kubernetes", "cluster");
  expect(provider.inputs).toMatchObject({ clusterIdentifier: answer.eksCluster.arn });
});

test("the example makes the same tree in a preview, where nothing is known yet", async () => {
  expect(tree(await run(true))).toEqual(tree(await run(false)));
});

test("the example is private, has access entries alone, and fits a page", async () => {
  const { inputs } = find(await run(false), REMOTE, "eks-interop");
  expect(inputs).toMatchObject({
    authenticationMode: "API",
    endpointPrivateAccess: true,
    endpointPublicAccess: false,
  });
  const text = fs.readFileSync(path.join(EXAMPLE, "index.ts"), "utf8");
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
  expect(text).not.toMatch(/from "\./);
});

test("a reference is made of the resource that @pulumi/eks hands out, its outputs as they are", async () => {
  const vpcConfig = { subnetIds: ["subnet-a"] };
  const { stackOutputs } = await deploy(
    () => {
      const made = new eks.Cluster("made", {
        name: "made",
        roleArn: "arn:aws:iam::123456789012:role/r",
        version: "1.36",
        vpcConfig,
        kubernetesNetworkConfig: { serviceIpv4Cidr: "10.100.0.0/16" },
      });
      return { ref: eksClusterRef({ eksCluster: pulumi.output(made) }) };
    },
    { outputsOf: awsOutputs },
  );
  const ref = await new Promise((resolve) => pulumi.output(stackOutputs.ref).apply(resolve));
  expect(ref).toEqual({
    arn: "arn:aws:eks:eu-central-1:123456789012:cluster/made",
    certificateAuthorityData: "Q0E=",
    clusterSecurityGroupId: "sg-cluster",
    endpoint: "https://api.example",
    kubernetesVersion: "1.36",
    name: "made",
    serviceCidr: "10.100.0.0/16",
  });
});
