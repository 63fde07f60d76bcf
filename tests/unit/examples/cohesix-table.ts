import { after, isThere, type Passage, type Row, type SystemTable } from "./table";

const DAEMON_SET = "kubernetes:apps/v1:DaemonSet";
const STATEFUL_SET = "kubernetes:apps/v1:StatefulSet";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const SERVICE = "kubernetes:core/v1:Service";
const LAMBDA = "aws:lambda/function:Function";
const QUEEN = "cohesix-queen";
const UPLOADER = "cohesix-uploader";
const POD = "spec.template.spec";

const worker = (path: string) => ({ type: DAEMON_SET, name: "cohesix-worker", path });
const container = (path: string) => worker(`${POD}.containers[0].${path}`);
const queen = (path: string) => ({ type: STATEFUL_SET, name: QUEEN, path });
const lambda = (path: string) => ({ type: LAMBDA, name: UPLOADER, path });
const bucket = (path: string) => ({
  type: "aws:s3/bucket:Bucket",
  name: `${UPLOADER}-traces`,
  path,
});
const variable = (name: string) => `${POD}.containers[0].env[name=${name}].value`;

const OWN_LABELS = {
  "app.kubernetes.io/instance": "cohesix-worker",
  "app.kubernetes.io/name": "worker",
};
const labelled =
  "labels are Kubernetes' recommended set, so that two instances of a component never select each other's pods";
const mountless =
  "a function may not mount: it speaks 9P itself, and leaves nothing mounted behind";

const WORKER: Row[] = [
  {
    lines: [15, 15],
    fact: "elastic nodes are DroneWorkers; another role is an argument",
    at: worker(variable("ROLE")),
    says: "DroneWorker",
  },
  {
    lines: [22, 22],
    fact: "the role is passed as COHROLE",
    at: container("command"),
    read: (command) => after("-append")(command)?.split("=")[0],
    says: "COHROLE",
  },
  {
    lines: [22, 23],
    fact: "one virtual machine a pod",
    at: worker(`${POD}.containers`),
    read: (containers) => containers.length,
    says: 1,
  },
  {
    lines: [38, 38],
    fact: "workers' role",
    at: worker(variable("ROLE")),
    says: "DroneWorker",
  },
  { lines: [73, 73], fact: "a DaemonSet", at: worker("spec"), read: isThere, says: true },
  { lines: [75, 75], fact: "its name", at: worker("metadata.name"), says: "cohesix-worker" },
  {
    lines: [76, 76],
    fact: "label app",
    at: worker("metadata.labels.app"),
    says: "cohesix",
    differs: { is: undefined, because: labelled },
  },
  {
    lines: [79, 79],
    fact: "selector",
    at: worker("spec.selector.matchLabels"),
    says: { app: "cohesix" },
    differs: { is: OWN_LABELS, because: labelled },
  },
  {
    lines: [81, 81],
    fact: "label app of the pods",
    at: worker("spec.template.metadata.labels.app"),
    says: "cohesix",
    differs: { is: undefined, because: labelled },
  },
  {
    lines: [83, 83],
    fact: "tolerates the taint virtualization",
    at: worker(`${POD}.tolerations[key=virtualization]`),
    says: { key: "virtualization", operator: "Exists" },
  },
  {
    lines: [83, 83],
    fact: "and so does what prepares those nodes",
    at: {
      type: DAEMON_SET,
      name: "cohesix-provisioner-agents",
      path: `${POD}.tolerations[key=virtualization]`,
    },
    says: { key: "virtualization", operator: "Exists" },
  },
  {
    lines: [85, 85],
    fact: "name of the container",
    at: container("name"),
    says: "cohesix",
    differs: {
      is: "worker",
      because: "it is the same for every system, as logs and debuggers look for it",
    },
  },
  {
    lines: [86, 86],
    fact: "repository of the image",
    at: container("image"),
    read: (image: string) => image.split("@")[0],
    says: "ghcr.io/cohesix/cohesix-qemu",
  },
  {
    lines: [86, 86],
    fact: "version of the image",
    at: container("image"),
    read: (image: string) =>
      /@sha256:[\da-f]{64}$/.test(image) ? "a digest" : image.split(":")[1],
    says: "latest",
    differs: {
      is: "a digest",
      because: "what latest means changes by itself, on one node and not on another",
    },
  },
  {
    lines: [87, 87],
    fact: "privileged",
    at: container("securityContext.privileged"),
    says: true,
    differs: {
      is: false,
      because: "/dev/kvm comes from a device plugin, so a guest that escapes does not own its node",
    },
  },
  {
    lines: [87, 87],
    fact: "what the privilege is for: /dev/kvm",
    at: container('resources.limits["cohesix.example.com/kvm"]'),
    says: "1",
  },
  {
    lines: [88, 89],
    fact: "QEMU with 2048 MiB",
    at: container("command"),
    read: (command) => command.slice(0, 3),
    says: ["qemu-system-x86_64", "-m", "2048"],
  },
  {
    lines: [90, 90],
    fact: "what is booted",
    at: container("command"),
    read: (command) => command.slice(3, 5),
    says: ["-kernel", "/assets/cohesix.efi"],
  },
  {
    lines: [90, 90],
    fact: "where it comes from: the image",
    at: container("volumeMounts[name=assets].mountPath"),
    says: undefined,
    differs: {
      is: "/assets",
      because: "the kernel is a file of the node, checked by its SHA-256 before each start",
    },
  },
  {
    lines: [91, 92],
    fact: "the kernel's command line, in which Kubernetes resolves $(ROLE)",
    at: container("command"),
    read: (command) => [
      ...command.slice(5, 6),
      after("-append")(command)?.replace("(", "{").replace(")", "}"),
    ],
    says: ["-append", "COHROLE=${ROLE}"],
  },
  {
    lines: [93, 93],
    fact: "the role",
    at: worker(`${POD}.containers[0].env[name=ROLE]`),
    says: { name: "ROLE", value: "DroneWorker" },
  },
];

const CLUSTER: Row[] = [
  {
    lines: [54, 55],
    fact: "the namespace's policy refuses what nothing names",
    at: { type: POLICY, name: "cohesix-agents-default-deny", path: "spec.policyTypes" },
    says: ["Ingress", "Egress"],
  },
  {
    lines: [55, 55],
    fact: "pods are isolated: no capability",
    at: container("securityContext.capabilities"),
    says: { drop: ["ALL"] },
  },
  {
    lines: [63, 67],
    fact: "name of the cluster",
    at: { type: "aws:eks/cluster:Cluster", name: "cohesix-cluster", path: "name" },
    says: "cohesix-cluster",
  },
  {
    lines: [68, 68],
    fact: "version of Kubernetes",
    at: { type: "aws:eks/cluster:Cluster", name: "cohesix-cluster", path: "version" },
    read: (version) => version !== "1.27",
    says: false,
    differs: { is: true, because: "EKS has no 1.27 any more" },
  },
  {
    lines: [69, 69],
    fact: "only private subnets",
    at: {
      type: "aws:eks/cluster:Cluster",
      name: "cohesix-cluster",
      path: "vpcConfig.subnetIds",
    },
    read: (ids: string[]) => ids.length > 0 && ids.every((id) => id.includes("-private-")),
    says: true,
  },
  {
    lines: [70, 71],
    fact: "of a network that is made with it",
    at: { type: "aws:ec2/vpc:Vpc", name: "cohesix-network", path: "cidrBlock" },
    read: isThere,
    says: true,
  },
  {
    lines: [100, 102],
    fact: "the same on GKE",
    at: { type: "gcp:container/cluster:Cluster", name: "cohesix-cluster", path: "name" },
    says: "cohesix-cluster",
    stack: "gcp",
  },
];

const PRIMARY: Row[] = [
  {
    lines: [30, 30],
    fact: "Queen's role",
    at: queen(`${POD}.containers[name=queen].env[name=ROLE].value`),
    says: "QueenPrimary",
  },
  {
    lines: [31, 31],
    fact: "she boots the same file",
    at: queen(`${POD}.containers[name=queen].command`),
    read: (command) => after("-kernel")(command),
    says: "/assets/cohesix.efi",
  },
  {
    lines: [33, 33],
    fact: "serves 9P",
    at: { type: SERVICE, name: QUEEN, path: "spec.ports[0].port" },
    says: 564,
  },
  {
    lines: [36, 36],
    fact: "workers reach her through the Service, by 9P that is secured",
    at: worker(variable("KVM_FABRIC_QUEEN_ADDRESS")),
    read: isThere,
    says: true,
  },
];

const AUTOMATION: Row[] = [
  {
    lines: [16, 16],
    fact: "functions on AWS",
    at: lambda("handler"),
    read: isThere,
    says: true,
  },
  {
    lines: [16, 16],
    fact: "functions on GCP",
    at: {
      type: "gcp:cloudfunctionsv2/function:Function",
      name: UPLOADER,
      path: "buildConfig.runtime",
    },
    read: isThere,
    says: true,
    stack: "gcp",
  },
  {
    lines: [42, 45],
    fact: "the function mounts the namespace",
    at: lambda("fileSystemConfig.localMountPath"),
    says: "/mnt/cohesix",
    differs: { is: undefined, because: mountless },
  },
  {
    lines: [46, 46],
    fact: "traces go to S3",
    at: bucket("forceDestroy"),
    read: (forced) => forced !== true,
    says: true,
  },
  {
    lines: [56, 56],
    fact: "the function has rights of its own",
    at: lambda("role"),
    read: isThere,
    says: true,
  },
  {
    lines: [104, 110],
    fact: "its runtime",
    at: lambda("runtime"),
    says: "python",
    differs: { is: "nodejs22.x", because: "the 9P client is TypeScript, as everything here" },
  },
  {
    lines: [111, 111],
    fact: "the bucket is named by its environment",
    at: lambda("environment.variables.STORE_BUCKET"),
    read: isThere,
    says: true,
  },
  {
    lines: [112, 112],
    fact: "the host is named by its environment, or its own",
    at: lambda("environment.variables.QUEEN_HOST"),
    read: (host) => (host === undefined || host === "localhost" ? "localhost" : "another"),
    says: "localhost",
    differs: { is: "another", because: "nothing of Queen's runs where a function does" },
  },
  {
    lines: [132, 134],
    fact: "packed as an image",
    at: lambda("packageType"),
    says: "Image",
    differs: {
      is: undefined,
      because: "one bundled file needs no image, hence no registry and no build",
    },
  },
  {
    lines: [133, 133],
    fact: "it may read and remove what is in /srv: its listener is one of its own",
    at: { type: SERVICE, name: `${QUEEN}-uploads`, path: "spec.ports[0].port" },
    says: 564,
  },
];

const PASSAGES: Passage[] = [
  { lines: [1, 14], because: "title and purpose" },
  {
    lines: [17, 21],
    because: "which folders, and that the guest has no agent: the function's own tests show both",
  },
  { lines: [24, 29], because: "prose, and the frame of a drawing" },
  { lines: [32, 32], because: "the frame of a drawing" },
  { lines: [34, 35], because: "the frame of a drawing" },
  { lines: [37, 37], because: "the frame of a drawing" },
  { lines: [39, 41], because: "the frame of a drawing" },
  { lines: [47, 53], because: "the frame of a drawing and the head of a table" },
  { lines: [57, 62], because: "prose" },
  { lines: [72, 72], because: "empty" },
  { lines: [74, 74], because: "a bracket" },
  { lines: [77, 78], because: "brackets" },
  { lines: [80, 80], because: "a bracket" },
  { lines: [82, 82], because: "a bracket" },
  { lines: [84, 84], because: "a bracket" },
  { lines: [94, 99], because: "brackets" },
  { lines: [103, 103], because: "empty" },
  {
    lines: [113, 131],
    because:
      "the function's body: it lists, stores, then removes. Ours removes only what the store confirmed; its own tests show it",
  },
  { lines: [135, 144], because: "a checklist and next steps" },
];

/** What is Amazon's is in the stack of that name. */
function onItsStack(row: Row): Row {
  return row.at.type.startsWith("aws:") ? { stack: "aws", ...row } : row;
}

/** The document of cohesix, line by line: `K8S_ORCHESTRATION.md` v0.1. */
export const cohesix: SystemTable = {
  example: "cohesix",
  length: 144,
  rows: [...WORKER, ...CLUSTER, ...PRIMARY, ...AUTOMATION].map(onItsStack),
  passages: PASSAGES,
};
