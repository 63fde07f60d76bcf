import * as path from "node:path";
import { repository } from "../../support/source-files";
import { type Stage, stage } from "../engine/simulated-cloud/stage";

/** A network, a cluster on it, a provider of it and what a pool would make, the version being configuration. */
const PROGRAM = `
  import * as eks from "@pulumi/aws/eks";
  import * as iam from "@pulumi/aws/iam";
  import * as pulumi from "@pulumi/pulumi";
  import * as aws from "kvm-fabric/aws";
  const config = new pulumi.Config();
  const role = (name: string) =>
    new iam.Role(name, { name, assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } }],
    }) });
  const network = new aws.AwsNetwork("fabric-net", { zones: ["eu-central-1a", "eu-central-1b"] });
  const cluster = new aws.AwsCluster("fabric", {
    network,
    kubernetesVersion: config.require("version"),
    supportType: aws.AwsSupportType.Extended,
    deletionProtection: false,
    irsa: true,
    privateAccessCidrs: config.requireObject<string[]>("ranges"),
    addOns: {
      coreDns: "v1.14.3-eksbuild.16", ebsCsiDriver: "v1.63.1-eksbuild.1", kubeProxy: "v1.35.0-eksbuild.2",
      podIdentityAgent: "v1.3.10-eksbuild.3", vpcCni: "v1.22.4-eksbuild.3",
    },
    systemPool: { releaseVersion: "1.35.6-20260812" },
    servicesPool: { releaseVersion: "1.35.6-20260812" },
    accessEntries: [
      { name: "deployer", principalArn: role("deployer").arn, policy: aws.AwsAccessPolicy.ClusterAdmin },
      {
        name: "team", principalArn: role("team").arn, policy: aws.AwsAccessPolicy.Edit,
        namespaces: config.requireObject<string[]>("namespaces"),
      },
    ],
  });
  new eks.AccessEntry("pool", {
    clusterName: cluster.name, principalArn: role("pool").arn, type: "EC2_LINUX",
  });
  export const { arn, kubeconfig, name } = cluster;
`;

let lab: Stage;
const quiet = ["--skip-preview", "--non-interactive", "--yes"];

/** The steps of a preview that are no mere sameness, as \`operation Kind name\`. */
async function previewed(...args: string[]): Promise<string[]> {
  const { output } = await lab.pulumi("preview", "--non-interactive", "--json", ...args);
  const { steps } = JSON.parse(output) as { steps: { op: string; urn: string }[] };
  return steps
    .filter(({ op }) => op !== "same")
    .map(({ op, urn }) => `${op} ${urn.split(/[:$]/).slice(-3).join(" ").replace("  ", " ")}`)
    .sort();
}

beforeAll(async () => {
  const config = {
    "aws:region": "eu-central-1",
    version: "1.35",
    namespaces: '["a"]',
    ranges: '["10.8.0.0/16"]',
  };
  lab = await stage(PROGRAM, config);
  // As the repository's own programs run: the library is TypeScript too.
  const tsconfig = { extends: path.join(repository, "tsconfig.run.json") };
  lab.lab.write({ "clouds/tsconfig.run.json": JSON.stringify(tsconfig) });
});
afterAll(() => {
  lab.close();
});

test("comes up in one run, and a second changes nothing", async () => {
  const first = await lab.pulumi("up", ...quiet);
  expect(first.code === 0 ? "" : first.output).toBe("");
  const again = await lab.pulumi("up", ...quiet, "--expect-no-changes");
  expect(again).toMatchObject({ code: 0 });
  const { output } = await lab.pulumi("stack", "output", "--json");
  expect(JSON.parse(output)).toMatchObject({ name: "fabric", kubeconfig: "[secret]" });
});

test("an upgrade that skips a minor version is refused at the preview, by the version that runs", async () => {
  await lab.pulumi("config", "set", "version", "1.37");
  const { code, output } = await lab.pulumi("preview", "--non-interactive");
  expect(code).not.toBe(0);
  expect(output).toContain("skips minor versions: the control plane runs 1.35");
  expect(output).toContain("try 1.36 first, with nodes and add-ons");
});

test("an upgrade by one goes to the control plane alone while the nodes' release stays", async () => {
  await lab.pulumi("config", "set", "version", "1.36");
  expect(await previewed()).toEqual(["update AwsCluster fabric", "update Cluster fabric"]);
  expect(await lab.pulumi("up", ...quiet)).toMatchObject({ code: 0 });
});

test("and not back again", async () => {
  await lab.pulumi("config", "set", "version", "1.35");
  const { code, output } = await lab.pulumi("preview", "--non-interactive");
  expect(code).not.toBe(0);
  expect(output).toContain("a control plane does not go back");
  await lab.pulumi("config", "set", "version", "1.36");
});

test("another scope replaces the policy's association, the old one first, and nothing that depends on it", async () => {
  await lab.pulumi("config", "set", "namespaces", '["a","b"]');
  const steps = await previewed();
  expect([...new Set(steps.map((step) => step.split(" ").slice(1).join(" ")))]).toEqual([
    "AccessPolicyAssociation fabric-access-team",
    "AwsCluster fabric",
  ]);
  const before = lab.requests().length;
  expect(await lab.pulumi("up", ...quiet)).toMatchObject({ code: 0 });
  const calls = lab
    .requests()
    .slice(before)
    .filter(({ type, operation }) => type.includes("Association") && operation !== "read")
    .map(({ operation }) => operation)
    .filter((operation) => operation === "create" || operation === "delete");
  expect(calls).toEqual(["delete", "create"]);
});

test("who else reaches the private endpoint is a rule each: one comes, one goes, nothing else changes", async () => {
  await lab.pulumi("config", "set", "ranges", '["10.9.0.0/16"]');
  const steps = [
    "create SecurityGroupIngressRule fabric-api-from-10-9-0-0-16",
    "delete SecurityGroupIngressRule fabric-api-from-10-8-0-0-16",
    "update AwsCluster fabric",
  ];
  expect(await previewed()).toEqual(steps);
  const up = await lab.pulumi("up", ...quiet);
  expect(up.code === 0 ? "" : up.output).toBe("");
});

test("destroy leaves nothing, and no call of the whole life was refused", async () => {
  expect(await lab.pulumi("destroy", "--yes", "--non-interactive")).toMatchObject({ code: 0 });
  expect(lab.objects()).toEqual([]);
  expect(lab.requests().filter(({ outcome }) => outcome !== "done")).toEqual([]);
});
