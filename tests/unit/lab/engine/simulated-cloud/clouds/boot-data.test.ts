import { bootData } from "../../../../../../lab/engine/simulated-cloud/clouds/aws/boot-data";

const base64 = (text: string) => Buffer.from(text).toString("base64");

const NODE_CONFIG = `apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  cluster:
    name: lab
    apiServerEndpoint: https://api
    certificateAuthority: Q0E=
  kubelet:
    config:
      registerWithTaints:
        - { key: kvm, value: "true", effect: NoSchedule }
    flags:
      - --node-labels=a=b,c/d=e
`;

const expected = {
  clusterName: "lab",
  endpoint: "https://api",
  certificateAuthority: "Q0E=",
  labels: { a: "b", "c/d": "e" },
  taints: [{ key: "kvm", value: "true", effect: "NoSchedule" }],
};

test("a NodeConfig alone", () => {
  expect(bootData(base64(NODE_CONFIG))).toEqual(expected);
});

test("a NodeConfig among MIME parts, lines ended either way", () => {
  const mime = [
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="//"',
    "",
    "--//",
    "Content-Type: text/x-shellscript",
    "",
    "#!/bin/sh\n\necho hello",
    "--//",
    "Content-Type: application/node.eks.aws",
    "",
    NODE_CONFIG,
    "--//--",
    "",
  ].join("\n");
  expect(bootData(base64(mime))).toEqual(expected);
  expect(bootData(base64(mime.replaceAll("\n", "\r\n")))).toEqual(expected);
});

test("taints by flag, and a second document that adds to the first", () => {
  const more =
    "kind: NodeConfig\nspec:\n  kubelet:\n    flags: [--register-with-taints=x:NoExecute]\n";
  expect(bootData(base64(`${NODE_CONFIG}---\n${more}`)).taints).toEqual([
    ...expected.taints,
    { key: "x", value: "", effect: "NoExecute" },
  ]);
});

test("Bottlerocket's settings", () => {
  const toml = `[settings.kubernetes]
cluster-name = "lab"
api-server = "https://api"
cluster-certificate = "Q0E="

[settings.kubernetes.node-labels]
"a" = "b"
"c/d" = "e"

[settings.kubernetes.node-taints]
"kvm" = ["true:NoSchedule"]
`;
  expect(bootData(base64(toml))).toEqual(expected);
});

test("what is no boot data joins nothing", () => {
  expect(bootData(base64("#!/bin/sh\necho hello")).clusterName).toBe("");
  expect(bootData("").clusterName).toBe("");
});
