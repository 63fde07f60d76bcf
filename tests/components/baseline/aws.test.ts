import { has, is, type Rule, some, testRules } from "./rules";
import { awsStack } from "./stacks";

const logs = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
const cluster = (id: string, asks: string, rest: Omit<Rule, "id" | "asks" | "kind">): Rule => ({
  id,
  asks,
  kind: "Cluster",
  ...rest,
});

// What the defaults do not keep is in exemptions.ts.
const rules: Rule[] = [
  ...logs.map((log) =>
    cluster("CKV_AWS_37", `the control plane logs ${log}`, {
      path: "enabledClusterLogTypes",
      holds: has(log),
      broken: logs.filter((other) => other !== log),
    }),
  ),
  cluster("CKV_AWS_39", "no public endpoint", {
    path: "vpcConfig.endpointPublicAccess",
    holds: is(false),
    broken: true,
  }),
  cluster("EKS best practices", "a private endpoint", {
    path: "vpcConfig.endpointPrivateAccess",
    holds: is(true),
    broken: false,
  }),
  cluster("CKV_AWS_58", "secrets are encrypted", {
    path: "encryptionConfig.resources",
    holds: has("secrets"),
    broken: [],
  }),
  cluster("EKS best practices", "by a key of one's own", {
    path: "encryptionConfig.provider.keyArn",
    holds: (arn) => String(arn).startsWith("arn:aws:kms:"),
    broken: undefined,
  }),
  cluster("CKV_AWS_339", "a supported version", {
    path: "version",
    holds: (version) => Number(String(version).split(".")[1]) >= 34,
    broken: "1.25",
  }),
  cluster("EKS best practices", "access entries only", {
    path: "accessConfig.authenticationMode",
    holds: is("API"),
    broken: "CONFIG_MAP",
  }),
  cluster("EKS best practices", "nobody is administrator by having made it", {
    path: "accessConfig.bootstrapClusterCreatorAdminPermissions",
    holds: is(false),
    broken: true,
  }),
  cluster("section 8", "deletion protection", {
    path: "deletionProtection",
    holds: is(true),
    broken: false,
  }),
  ...["LaunchTemplate", "EC2NodeClass"].flatMap((kind): Rule[] => {
    const under = kind === "LaunchTemplate" ? "" : "spec.";
    const [path, hop] = ["httpTokens", "httpPutResponseHopLimit"].map(
      (key) => `${under}metadataOptions.${key}`,
    );
    const disks = `${under}blockDeviceMappings`;
    const encrypted = (all: any) =>
      some(all) && all.every((d: any) => `${d.ebs.encrypted}` === "true");
    return [
      {
        id: "CKV_AWS_79",
        asks: "IMDSv2",
        kind,
        path: path ?? "",
        holds: is("required"),
        broken: "optional",
      },
      { id: "CKV_AWS_341", asks: "one hop", kind, path: hop ?? "", holds: is(1), broken: 2 },
      {
        id: "section 8",
        asks: "encrypted disks",
        kind,
        path: disks,
        holds: encrypted,
        broken: [{ ebs: {} }],
      },
    ];
  }),
  {
    id: "CKV_AWS_7",
    asks: "keys rotate",
    kind: "Key",
    path: "enableKeyRotation",
    holds: is(true),
    broken: false,
  },
  {
    id: "CKV_AWS_130",
    asks: "no public addresses",
    kind: "Subnet",
    path: "mapPublicIpOnLaunch",
    holds: is(false),
    broken: true,
  },
  {
    id: "CKV_AWS_27",
    asks: "queues are encrypted",
    kind: "Queue",
    path: "sqsManagedSseEnabled",
    holds: is(true),
    broken: false,
  },
  {
    id: "CKV2_AWS_12",
    asks: "the default group lets nothing in",
    kind: "DefaultSecurityGroup",
    path: "ingress",
    holds: (all) => all?.length === 0,
    broken: [{}],
  },
  {
    id: "CKV_AWS_66",
    asks: "logs are kept for a time",
    kind: "LogGroup",
    path: "retentionInDays",
    holds: (days) => days >= 90,
    broken: 0,
  },
];

testRules(rules, awsStack);
