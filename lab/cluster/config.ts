import { stringify } from "yaml";

/** Name of the lab's cluster to kwokctl. */
export const CLUSTER_NAME = "lab";

/** The annotation by which kwok knows the nodes that it plays the kubelet of. */
export const FAKE_NODE_ANNOTATION = { key: "kwok.x-k8s.io/node", value: "fake" } as const;

/**
 * Address of the service `kubernetes`, by which pods that really run reach the API server: the first of the range that
 * the API server takes where it is told none.
 */
export const SERVICE_ADDRESS = "10.0.0.1";

/** Programs that a cluster is made of, by absolute path. */
export interface ClusterTools {
  etcd: string;
  "kube-apiserver": string;
  "kube-controller-manager": string;
  "kube-scheduler": string;
  kubectl: string;
  kwok: string;
  kwokctl: string;
}

/** Ports on 127.0.0.1. */
export interface ClusterPorts {
  apiServer: number;
  etcd: number;
  etcdPeer: number;
  controllerManager: number;
  scheduler: number;
  kwok: number;
}

/** What a cluster is started with. */
export interface ClusterSpec {
  tools: ClusterTools;
  ports: ClusterPorts;
  /** Folder of etcd's data, apart from the rest so that a new configuration keeps it. */
  dataFolder: string;
  /** Folder of the keys that kwokctl makes. */
  keysFolder: string;
  /** File of the stages that kwok plays beside its own. */
  stagesFile: string;
  /** Audit policy file; the API server keeps no audit log without one. */
  auditPolicyFile?: string;
  /** File of static tokens; the API server takes none without one. */
  tokensFile?: string;
  /** Further names and addresses in the API server's certificate. Defaults to none. */
  names?: readonly string[];
  /**
   * How long a node may say nothing before it counts as lost, in seconds. Defaults to kwokctl's 200, with heartbeats as slow,
   * of which 1,000 simulated nodes cost little.
   */
  nodeGraceSeconds?: number | undefined;
}

// Reserved for documentation (RFC 5737): no route is needed to advertise it, and nothing in the lab dials
// it. Loopback is refused by the API server's own endpoint, the host's address fails where it has none.
const ADVERTISED_ADDRESS = "192.0.2.1";

// Pods of nodes without a range of their own; large enough for any number of them.
const POD_RANGE = "10.64.0.0/12";

/**
 * The configuration for `kwokctl create cluster --config`: everything on loopback, RBAC on, and kwok plays
 * only the nodes annotated as fake.
 */
export function clusterConfig(spec: ClusterSpec): string {
  const { tools, ports } = spec;
  const cluster = {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    metadata: { name: CLUSTER_NAME },
    options: {
      runtime: "binary",
      bindAddress: "127.0.0.1",
      securePort: true,
      kubeAuthorization: true,
      kubeAdmission: true,
      // The clients' rate limits would make 1,000 nodes wait for nothing but them.
      disableQPSLimits: true,
      etcdPort: ports.etcd,
      etcdPeerPort: ports.etcdPeer,
      kubeApiserverPort: ports.apiServer,
      kubeControllerManagerPort: ports.controllerManager,
      kubeSchedulerPort: ports.scheduler,
      kwokControllerPort: ports.kwok,
      etcdBinary: tools.etcd,
      kubeApiserverBinary: tools["kube-apiserver"],
      kubeControllerManagerBinary: tools["kube-controller-manager"],
      kubeSchedulerBinary: tools["kube-scheduler"],
      kwokControllerBinary: tools.kwok,
      kubectlBinary: tools.kubectl,
      kubeApiserverCertSANs: [SERVICE_ADDRESS, ...(spec.names ?? [])],
      ...(spec.auditPolicyFile !== undefined && { kubeAuditPolicy: spec.auditPolicyFile }),
      ...(spec.nodeGraceSeconds !== undefined && heartbeats(spec.nodeGraceSeconds)),
    },
    componentsPatches: componentPatches(spec),
  };
  return [cluster, kwokOptions()].map((document) => stringify(document)).join("---\n");
}

// kwokctl stretches grace period and heartbeats alike by its factor, which is 5 where it is told none.
function heartbeats(graceSeconds: number) {
  return {
    heartbeatFactor: 1,
    kubeControllerManagerNodeMonitorGracePeriodMilliseconds: graceSeconds * 1000,
  };
}

function componentPatches({ dataFolder, keysFolder, stagesFile, tokensFile }: ClusterSpec) {
  const { key, value } = FAKE_NODE_ANNOTATION;
  return [
    {
      name: "etcd",
      extraArgs: [
        { key: "data-dir", value: dataFolder, override: true },
        // The lab may lose its last second when the machine dies; fsync costs more than all the rest.
        { key: "unsafe-no-fsync", value: "true" },
      ],
    },
    {
      name: "kube-apiserver",
      extraArgs: [
        { key: "advertise-address", value: ADVERTISED_ADDRESS },
        // A kubelet may write its own node and what is its pods', and nothing else.
        { key: "enable-admission-plugins", value: "NodeRestriction" },
        // How it is known to the kubelets of real nodes, whose names nobody resolves.
        { key: "kubelet-client-certificate", value: `${keysFolder}/admin.crt` },
        { key: "kubelet-client-key", value: `${keysFolder}/admin.key` },
        { key: "kubelet-preferred-address-types", value: "InternalIP,Hostname" },
        ...(tokensFile === undefined ? [] : [{ key: "token-auth-file", value: tokensFile }]),
      ],
    },
    // There is one of each. With leases to renew they end where the API server is away for ten seconds.
    ...["kube-controller-manager", "kube-scheduler"].map((name) => ({
      name,
      extraArgs: [{ key: "leader-elect", value: "false" }],
    })),
    {
      name: "kwok-controller",
      extraArgs: [
        { key: "manage-all-nodes", value: "false", override: true },
        { key: "manage-nodes-with-annotation-selector", value: `${key}=${value}` },
        { key: "config", value: stagesFile },
      ],
    },
  ];
}

// Four at a time, the default, makes 1,000 nodes and their pods wait for each other.
function kwokOptions() {
  return {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokConfiguration",
    metadata: { name: "kwok" },
    options: {
      cidr: POD_RANGE,
      nodeLeaseParallelism: 16,
      nodePlayStageParallelism: 16,
      podPlayStageParallelism: 16,
    },
  };
}

/**
 * The audit policy of `audit: true`: who asked for what, without bodies but for what service accounts write to nodes.
 * Health checks and leases, which never end, are left out.
 */
export function auditPolicy(): string {
  return stringify({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [
      { level: "None", nonResourceURLs: ["/healthz*", "/livez*", "/readyz*"] },
      { level: "None", resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
      {
        level: "Request",
        userGroups: ["system:serviceaccounts"],
        verbs: ["create", "update", "patch", "delete", "deletecollection"],
        resources: [{ group: "", resources: ["nodes", "nodes/*"] }],
      },
      { level: "Metadata" },
    ],
  });
}
