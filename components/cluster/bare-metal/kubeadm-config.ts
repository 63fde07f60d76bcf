import { apiServerArgs, hardeningFiles, KUBELET_SETTINGS, PROFILING_OFF } from "./hardening";
import { type AgentAddresses, API_PORT, type HostAddresses, urlHost } from "./k3s-config";
import type { HostPlan, K3sClusterPlan } from "./plan";
import type { HostFile, SecretFile } from "./shell";

/** Folder of all that a host of kubeadm is given; readable by root alone. */
export const KUBEADM_DIR = "/etc/kubernetes/kvm-fabric";

/** Files of that folder. */
export const KUBEADM_FILES = Object.freeze({
  authentication: `${KUBEADM_DIR}/authentication.json`,
  authority: `${KUBEADM_DIR}/authority.crt`,
  cluster: `${KUBEADM_DIR}/cluster.yaml`,
  discovery: `${KUBEADM_DIR}/discovery.json`,
  encryption: `${KUBEADM_DIR}/encryption.json`,
  join: `${KUBEADM_DIR}/join.yaml`,
  joinSecret: `${KUBEADM_DIR}/join-secret.json`,
  joinToken: `${KUBEADM_DIR}/join-token`,
});

const AUDIT_DIR = "/var/log/kubernetes/audit";
const PKI = "/etc/kubernetes/pki";
const API_VERSION = "kubeadm.k8s.io/v1beta4";

/** What a server is given through standard input, one line each, in this order. Keys come in base64. */
export const KUBEADM_SERVER_SECRETS: SecretFile[] = [
  { path: KUBEADM_FILES.joinToken, mode: "600" },
  { path: KUBEADM_FILES.joinSecret, mode: "600" },
  { path: KUBEADM_FILES.encryption, mode: "600" },
  ...["ca", "front-proxy-ca", "etcd/ca"].flatMap((name) => [
    { path: `${PKI}/${name}.key`, mode: "600", base64: true },
    { path: `${PKI}/${name}.crt`, mode: "644", base64: true },
  ]),
  { path: `${PKI}/sa.key`, mode: "600", base64: true },
  { path: `${PKI}/sa.pub`, mode: "644", base64: true },
];

/** What a worker is given through standard input. */
export const KUBEADM_WORKER_SECRETS: SecretFile[] = [
  { path: KUBEADM_FILES.joinToken, mode: "600" },
];

/** Extra arguments as kubeadm takes them, from `name=value`. */
function extraArgs(args: readonly string[]) {
  return args.map((arg) => {
    const at = arg.indexOf("=");
    return { name: arg.slice(0, at), value: arg.slice(at + 1) };
  });
}

/**
 * The files of a server: what begins the cluster, what every server renders its control plane from, and what the API
 * server's hardening reads.
 * Source: https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/
 */
export function kubeadmServerFiles(
  plan: K3sClusterPlan & { name: string; release: { version: string } },
  host: HostPlan,
  addresses: HostAddresses,
  authority: string,
): HostFile[] {
  const endpoint = { localAPIEndpoint: { advertiseAddress: addresses.own, bindPort: API_PORT } };
  const registration = nodeRegistration(host, addresses);
  const init = { ...kind("InitConfiguration"), ...endpoint, nodeRegistration: registration };
  return [
    {
      path: KUBEADM_FILES.cluster,
      mode: "600",
      content: documents([init, clusterConfig(plan, addresses), kubeletConfig()]),
    },
    ...joinFiles(host, addresses, authority, { ...endpoint }),
    ...hardeningFiles(plan.network.cni, KUBEADM_DIR),
    { path: KUBEADM_FILES.authentication, mode: "600", content: JSON.stringify(probesAlone) },
  ];
}

/** The files of a worker. */
export function kubeadmWorkerFiles(
  host: HostPlan,
  addresses: AgentAddresses,
  authority: string,
): HostFile[] {
  return joinFiles(host, addresses, authority, undefined);
}

function kind(name: string) {
  return { apiVersion: API_VERSION, kind: name };
}

function documents(objects: readonly object[]): string {
  return objects.map((object) => `${JSON.stringify(object, undefined, 2)}\n`).join("---\n");
}

function clusterConfig(
  { name, network, release, tlsSans }: Parameters<typeof kubeadmServerFiles>[0],
  { api, servers }: HostAddresses,
) {
  const mounted = (folder: string, readOnly: boolean) => ({
    ...{ name: readOnly ? "kvm-fabric" : "audit", hostPath: folder, mountPath: folder },
    ...{ readOnly, pathType: "DirectoryOrCreate" },
  });
  const args = [
    ...apiServerArgs(KUBEADM_DIR, AUDIT_DIR),
    `authentication-config=${KUBEADM_FILES.authentication}`,
    `encryption-provider-config=${KUBEADM_FILES.encryption}`,
    PROFILING_OFF,
  ];
  return {
    ...kind("ClusterConfiguration"),
    clusterName: name,
    kubernetesVersion: release.version,
    controlPlaneEndpoint: `${urlHost(api)}:${API_PORT}`,
    networking: {
      dnsDomain: network.clusterDomain,
      podSubnet: network.podCidr,
      serviceSubnet: network.serviceCidr,
    },
    apiServer: {
      certSANs: [...new Set([api, ...servers, ...tlsSans])],
      extraArgs: extraArgs(args),
      extraVolumes: [mounted(KUBEADM_DIR, true), mounted(AUDIT_DIR, false)],
    },
    controllerManager: {
      extraArgs: extraArgs(["terminated-pod-gc-threshold=100", PROFILING_OFF]),
    },
    scheduler: { extraArgs: extraArgs([PROFILING_OFF]) },
    etcd: { local: { dataDir: "/var/lib/etcd" } },
  };
}

function kubeletConfig() {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    cgroupDriver: "systemd",
    rotateCertificates: true,
    ...KUBELET_SETTINGS,
  };
}

/** Labels and taints count when a node joins, and never again. */
function nodeRegistration(host: HostPlan, { own }: AgentAddresses) {
  const labels = Object.entries(host.labels).map(([key, value]) => `${key}=${value}`);
  return {
    name: host.name,
    criSocket: "unix:///run/containerd/containerd.sock",
    taints: host.taints,
    kubeletExtraArgs: extraArgs([
      ...(/^[\d.]+$/.test(own) ? [`node-ip=${own}`] : []),
      ...(labels.length > 0 ? [`node-labels=${labels.join(",")}`] : []),
    ]),
  };
}

/**
 * A host joins through a kubeconfig that holds the cluster's whole authority, so that nobody else can answer, and names
 * the file of the token: neither stands on a command line.
 */
function joinFiles(
  host: HostPlan,
  addresses: AgentAddresses,
  authority: string,
  controlPlane: object | undefined,
): HostFile[] {
  const server = `https://${urlHost(addresses.api)}:${API_PORT}`;
  const discovery = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      { name: "cluster", cluster: { server, "certificate-authority": KUBEADM_FILES.authority } },
    ],
    users: [{ name: "join", user: { tokenFile: KUBEADM_FILES.joinToken } }],
    contexts: [{ name: "join", context: { cluster: "cluster", user: "join" } }],
    "current-context": "join",
  };
  const join = {
    ...kind("JoinConfiguration"),
    discovery: { file: { kubeConfigPath: KUBEADM_FILES.discovery } },
    nodeRegistration: nodeRegistration(host, addresses),
    ...(controlPlane !== undefined && { controlPlane }),
  };
  return [
    { path: KUBEADM_FILES.authority, mode: "644", content: authority },
    { path: KUBEADM_FILES.discovery, mode: "600", content: JSON.stringify(discovery) },
    { path: KUBEADM_FILES.join, mode: "600", content: documents([join]) },
  ];
}

/**
 * Nobody unknown is answered but the kubelet's own probes: they carry no credential.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-authenticator-configuration
 */
const probesAlone = {
  apiVersion: "apiserver.config.k8s.io/v1",
  kind: "AuthenticationConfiguration",
  anonymous: {
    enabled: true,
    conditions: [{ path: "/livez" }, { path: "/readyz" }, { path: "/healthz" }],
  },
};

/** Encrypts Secrets in etcd, in one line: it goes through a script's standard input. The key has 32 characters. */
export function encryptionConfig(key: string): string {
  const keys = [{ name: "first", secret: Buffer.from(key).toString("base64") }];
  return JSON.stringify({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [{ resources: ["secrets"], providers: [{ secretbox: { keys } }, { identity: {} }] }],
  });
}

/**
 * The Secret that makes the join token one: it signs certificates of kubelets, and opens nothing else. It does not end,
 * as k3s's does not, so that a host can join at any time.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
 */
export function joinSecret(token: string): string {
  const [id = "", secret = ""] = token.split(".");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    type: "bootstrap.kubernetes.io/token",
    metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
    stringData: {
      "token-id": id,
      "token-secret": secret,
      "usage-bootstrap-authentication": "true",
      "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
    },
  });
}
