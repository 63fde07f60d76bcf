/**
 * What the lab's tools are, as data: versions, the packages they are built from, where an official build lies,
 * and which version of the user's own is taken instead. A new version is a change here and in go/<family>/go.mod.
 */

/** Kubernetes release of the control plane; go/kubernetes/go.mod pins the same. */
const KUBERNETES = "1.36.3";
const PULUMI = "3.259.0";
const ETCD = "3.6.14";

/** One Go module each (go/<family>), and so one build and one lock each. */
export type ToolFamily =
  | "cni"
  | "containerd"
  | "etcd"
  | "fake-gcs-server"
  | "ghostunnel"
  | "karpenter"
  | "kubelet"
  | "kubernetes"
  | "kwok"
  | "pulumi"
  | "versitygw";

/** The tools that every lab needs. */
export type LabToolName =
  | "etcd"
  | "karpenter-crds"
  | "karpenter-kwok"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kubectl"
  | "kwok"
  | "kwokctl"
  | "pulumi";

/** The tools that a real node needs besides, made when the first one is started. */
export type NodeToolName =
  | "cni-bridge"
  | "cni-host-local"
  | "cni-loopback"
  | "cni-portmap"
  | "containerd"
  | "containerd-shim-runc-v2"
  | "ctr"
  | "kubelet";

/** The tools that tests alone need, made when the first one is started. */
export type TestToolName = "fake-gcs-server" | "ghostunnel" | "versitygw";

/** Every tool. */
export type ToolName = LabToolName | NodeToolName | TestToolName;

/** How a tool of the user's own is judged. */
export interface OwnTool {
  /** Arguments that make it print its version: the first x.y.z printed is taken. */
  versionArguments: readonly string[];
  /** The first version that fits. */
  minimum: string;
  /** The first version that no longer fits. */
  below: string;
}

/**
 * An official build. In URLs and members `{goArch}` stands for amd64 or arm64 and `{nodeArch}` for x64 or arm64.
 * Only files with a checksum published beside them are listed; kwok 0.8 publishes none, so it is always built.
 */
export interface Download {
  url: string;
  /** A file of sha256 sums: one bare sum, or lines of sum and file name. */
  checksumUrl: string;
  /** For a tar.gz: the folder in it whose files are kept. Defaults to a plain binary. */
  archiveFolder?: string;
  /** Which files of that folder are kept. Defaults to all. */
  archiveFiles?: readonly string[];
}

/** Where one tool comes from. */
export interface ToolSource {
  family: ToolFamily;
  /** The Go package of its main function, seen from go/<family>. */
  package: string;
  /** The file name `go build` gives it: the last part of the package's path, a major version left out. */
  builtName: string;
  own?: OwnTool;
  download?: Download;
}

/** What all tools of a family share. */
export interface FamilyBuild {
  /** Linker settings; constant, or every build would link anew. */
  variables: readonly string[];
  /** Seconds of a build with nothing cached, measured on two cores. */
  coldSeconds: number;
  /** Compiled with the machine's C compiler. Defaults to without. */
  cgo?: boolean;
}

/** All the data one run of the toolchain works with. */
export interface ToolCatalogue {
  tools: Readonly<Record<ToolName, ToolSource>>;
  families: Readonly<Record<ToolFamily, FamilyBuild>>;
}

/** Disk space of builds with nothing cached, GiB: module cache 3.4, build cache 5.5, binaries 0.7, links in work. */
export const COLD_BUILD_GIB = 10;

/** What the binaries alone take, GiB. */
export const BINARIES_GIB = 0.7;

const version = "k8s.io/component-base/version";
const kubernetesVariables = [
  `${version}.gitVersion=v${KUBERNETES}`,
  `${version}.gitMajor=1`,
  `${version}.gitMinor=36`,
  `${version}.gitTreeState=clean`,
  `k8s.io/client-go/pkg/version.gitVersion=v${KUBERNETES}`,
];

/** The lab's families. */
export const families: ToolCatalogue["families"] = {
  cni: { variables: [], coldSeconds: 12 },
  containerd: { variables: [], coldSeconds: 60 },
  etcd: { variables: [], coldSeconds: 25 },
  "fake-gcs-server": { variables: [], coldSeconds: 60 },
  // Its release does not compile without a C compiler, for the smart cards that nobody uses here.
  ghostunnel: { variables: [], coldSeconds: 60, cgo: true },
  karpenter: { variables: [], coldSeconds: 80 },
  // Apart from the control plane: a lab without real nodes need not build it, nor its control plane anew for it.
  kubelet: { variables: kubernetesVariables, coldSeconds: 60 },
  kubernetes: { variables: kubernetesVariables, coldSeconds: 215 },
  kwok: { variables: [], coldSeconds: 70 },
  pulumi: {
    variables: [`github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI}`],
    coldSeconds: 170,
  },
  versitygw: { variables: [], coldSeconds: 120 },
};

function kubernetesTool(name: string, own: OwnTool, family: ToolFamily = "kubernetes"): ToolSource {
  const url = `https://dl.k8s.io/release/v${KUBERNETES}/bin/linux/{goArch}/${name}`;
  return {
    family,
    package: `k8s.io/kubernetes/cmd/${name}`,
    builtName: name,
    own,
    download: { url, checksumUrl: `${url}.sha256` },
  };
}

const controlPlane: OwnTool = {
  versionArguments: ["--version"],
  minimum: "1.36.0",
  below: "1.37.0",
};

// Of a real node. Never the user's own: theirs are set up for the node that their machine may be.
function containerdTool(name: string): ToolSource {
  const main = `github.com/containerd/containerd/v2/cmd/${name}`;
  return { family: "containerd", package: main, builtName: name };
}

function cniTool(kind: string, name: string): ToolSource {
  const main = `github.com/containernetworking/plugins/plugins/${kind}/${name}`;
  return { family: "cni", package: main, builtName: name };
}

const kwok: OwnTool = { versionArguments: ["--version"], minimum: "0.8.0", below: "0.9.0" };

const pulumiRelease = `https://github.com/pulumi/pulumi/releases/download/v${PULUMI}`;
const etcdRelease = `https://github.com/etcd-io/etcd/releases/download/v${ETCD}`;

/** The lab's tools. */
export const tools: ToolCatalogue["tools"] = {
  etcd: {
    family: "etcd",
    package: "go.etcd.io/etcd/server/v3",
    builtName: "server",
    own: { versionArguments: ["--version"], minimum: "3.6.0", below: "3.7.0" },
    download: {
      url: `${etcdRelease}/etcd-v${ETCD}-linux-{goArch}.tar.gz`,
      checksumUrl: `${etcdRelease}/SHA256SUMS`,
      archiveFolder: `etcd-v${ETCD}-linux-{goArch}`,
      archiveFiles: ["etcd"],
    },
  },
  // A server of the protocol of Google Cloud Storage, for the trace uploader's tests.
  // The proxy in front of Queen: https://github.com/ghostunnel/ghostunnel, Apache-2.0.
  ghostunnel: {
    family: "ghostunnel",
    package: "github.com/ghostunnel/ghostunnel",
    builtName: "ghostunnel",
  },
  "fake-gcs-server": {
    family: "fake-gcs-server",
    package: "github.com/fsouza/fake-gcs-server",
    builtName: "fake-gcs-server",
  },
  // Both have names that nothing else has, and no release: they are always built.
  "karpenter-crds": { family: "karpenter", package: "./crds", builtName: "crds" },
  "karpenter-kwok": {
    family: "karpenter",
    package: "sigs.k8s.io/karpenter/kwok",
    builtName: "kwok",
  },
  "kube-apiserver": kubernetesTool("kube-apiserver", controlPlane),
  "kube-controller-manager": kubernetesTool("kube-controller-manager", controlPlane),
  "kube-scheduler": kubernetesTool("kube-scheduler", controlPlane),
  "cni-bridge": cniTool("main", "bridge"),
  "cni-host-local": cniTool("ipam", "host-local"),
  "cni-loopback": cniTool("main", "loopback"),
  "cni-portmap": cniTool("meta", "portmap"),
  containerd: containerdTool("containerd"),
  "containerd-shim-runc-v2": containerdTool("containerd-shim-runc-v2"),
  ctr: containerdTool("ctr"),
  kubelet: kubernetesTool("kubelet", controlPlane, "kubelet"),
  // Kubernetes supports a kubectl one minor version older or newer than the API server (version skew policy).
  kubectl: kubernetesTool("kubectl", {
    versionArguments: ["version", "--client"],
    minimum: "1.35.0",
    below: "1.38.0",
  }),
  kwok: { family: "kwok", package: "sigs.k8s.io/kwok/cmd/kwok", builtName: "kwok", own: kwok },
  kwokctl: {
    family: "kwok",
    package: "sigs.k8s.io/kwok/cmd/kwokctl",
    builtName: "kwokctl",
    own: kwok,
  },
  pulumi: {
    family: "pulumi",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    builtName: "pulumi",
    // Older ones may well work; nothing older was tried against the lab's language host and providers.
    own: { versionArguments: ["version"], minimum: PULUMI, below: "4.0.0" },
    download: {
      url: `${pulumiRelease}/pulumi-v${PULUMI}-linux-{nodeArch}.tar.gz`,
      checksumUrl: `${pulumiRelease}/pulumi-${PULUMI}-checksums.txt`,
      // All of it: the official language hosts lie beside the binary and belong to it.
      archiveFolder: "pulumi",
    },
  },
  // A server of the protocol of S3, for the trace uploader's tests.
  versitygw: {
    family: "versitygw",
    package: "github.com/versity/versitygw/cmd/versitygw",
    builtName: "versitygw",
  },
};

/** The tools of every lab, quickest family first so that an early mistake shows early. */
export const toolNames: readonly LabToolName[] = [
  "etcd",
  "kwok",
  "kwokctl",
  "pulumi",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "karpenter-kwok",
  "karpenter-crds",
];

/** The tools of a real node, quickest family first. */
export const nodeToolNames: readonly NodeToolName[] = [
  "cni-bridge",
  "cni-host-local",
  "cni-loopback",
  "cni-portmap",
  "containerd",
  "containerd-shim-runc-v2",
  "ctr",
  "kubelet",
];

/** The tools of tests alone, quickest family first. */
export const testToolNames: readonly TestToolName[] = [
  "fake-gcs-server",
  "ghostunnel",
  "versitygw",
];
