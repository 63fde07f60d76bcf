import fc from "fast-check";
import { parseArn, parseClusterArn } from "../../../../../components/cluster/aws/arn";

test.each([
  ["aws", "eu-central-1"],
  ["aws-cn", "cn-north-1"],
  ["aws-us-gov", "us-gov-west-1"],
  ["aws-iso-b", "us-isob-east-1"],
  ["aws-eusc", "eusc-de-east-1"],
])("splits the ARN of a cluster in %s %s", (partition, region) => {
  const arn = `arn:${partition}:eks:${region}:123456789012:cluster/fabric_1`;
  expect(parseClusterArn(arn)).toEqual({
    partition,
    region,
    account: "123456789012",
    name: "fabric_1",
  });
});

test.each([
  "",
  "fabric",
  "arn:aws:eks:eu-central-1:123456789012:nodegroup/fabric",
  "arn:aws:eks::123456789012:cluster/fabric",
  "arn:aws:eks:eu-central-1:12345:cluster/fabric",
  "arn:aws:ecs:eu-central-1:123456789012:cluster/fabric",
  "arn:aws:eks:eu-central-1:123456789012:cluster/",
  "arn:aws:eks:eu-central-1:123456789012:cluster/a/b",
])("refuses %j", (arn) => {
  expect(() => parseClusterArn(arn)).toThrow(`not the ARN of an EKS cluster: "${arn}"`);
});

test("splits what it is made of, for every name that EKS takes", () => {
  const name = fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/);
  fc.assert(
    fc.property(name, (cluster) => {
      const arn = `arn:aws:eks:us-east-1:123456789012:cluster/${cluster}`;
      expect(parseClusterArn(arn).name).toBe(cluster);
      expect(parseArn(arn).resource).toBe(`cluster/${cluster}`);
    }),
  );
});

test("splits an ARN without a region, and refuses what is none", () => {
  expect(parseArn("arn:aws-cn:iam::123456789012:role/path/to/name")).toEqual({
    partition: "aws-cn",
    service: "iam",
    region: "",
    account: "123456789012",
    resource: "role/path/to/name",
  });
  expect(() => parseArn("role/name")).toThrow('not an ARN: "role/name"');
});
