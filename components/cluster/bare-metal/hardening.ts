import { Cni } from "./args";
import type { HostFile } from "./shell";

/** Where k3s keeps its server's files. */
export const K3S_SERVER_DIR = "/var/lib/rancher/k3s/server";

/** What the API server reads at its start. */
const admissionFile = (folder: string) => `${folder}/kvm-fabric-admission.json`;
/** What the API server writes to its audit log. */
const auditPolicyFile = (folder: string) => `${folder}/kvm-fabric-audit-policy.json`;

/** TLS 1.2 suites with forward secrecy and authenticated encryption; those of TLS 1.3 cannot be chosen. */
const TLS_CIPHER_SUITES = [
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
];
const CIPHERS = TLS_CIPHER_SUITES.join(",");

/**
 * The kernel settings without which a kubelet with `protect-kernel-defaults` does not start, and those that every node
 * with pods needs. Source: https://docs.k3s.io/security/hardening-guide
 */
export const SYSCTLS = `vm.panic_on_oom=0
vm.overcommit_memory=1
kernel.panic=10
kernel.panic_on_oops=1
net.ipv4.ip_forward=1
`;

/**
 * Arguments of an API server whose files lie in `folder` and whose audit log goes to `logs`. The numbers are the
 * hardening guide's.
 */
export function apiServerArgs(folder: string, logs: string): string[] {
  return [
    "enable-admission-plugins=NodeRestriction,EventRateLimit",
    `admission-control-config-file=${admissionFile(folder)}`,
    `audit-policy-file=${auditPolicyFile(folder)}`,
    `audit-log-path=${logs}/audit.log`,
    "audit-log-maxage=30",
    "audit-log-maxbackup=10",
    "audit-log-maxsize=100",
    "service-account-extend-token-expiration=false",
    `tls-cipher-suites=${CIPHERS}`,
    "tls-min-version=VersionTLS12",
  ];
}

/** Arguments of the API server beyond k3s's own. */
export const API_SERVER_ARGS = [
  "anonymous-auth=false",
  ...apiServerArgs(K3S_SERVER_DIR, `${K3S_SERVER_DIR}/logs`),
];

/** What k3s does by itself and kubeadm does not: no profiles of a running control plane. */
export const PROFILING_OFF = "profiling=false";

/** Arguments of the controller manager beyond k3s's own. */
export const CONTROLLER_MANAGER_ARGS = ["terminated-pod-gc-threshold=100"];

/** Arguments of every kubelet beyond k3s's own. */
export const KUBELET_ARGS = [
  "anonymous-auth=false",
  "streaming-connection-idle-timeout=5m",
  `tls-cipher-suites=${CIPHERS}`,
  "tls-min-version=VersionTLS12",
];

/** The same as fields of a kubelet's configuration file. */
export const KUBELET_SETTINGS = Object.freeze({
  authentication: { anonymous: { enabled: false } },
  protectKernelDefaults: true,
  streamingConnectionIdleTimeout: "5m0s",
  tlsCipherSuites: TLS_CIPHER_SUITES,
  tlsMinVersion: "VersionTLS12",
});

/** Namespaces whose pods need the host: the cluster's own and those of the CNI. */
function privilegedNamespaces(cni: Cni): string[] {
  return cni === Cni.Calico
    ? ["kube-system", "tigera-operator", "calico-system", "calico-apiserver"]
    : ["kube-system"];
}

/** The files that the API server's hardening reads. */
export function hardeningFiles(cni: Cni, folder = K3S_SERVER_DIR): HostFile[] {
  return [
    { path: admissionFile(folder), mode: "600", content: JSON.stringify(admission(cni)) },
    { path: auditPolicyFile(folder), mode: "600", content: JSON.stringify(auditPolicy) },
  ];
}

/** Pods are held to `restricted` where their namespace says nothing else; events cannot flood etcd. */
function admission(cni: Cni) {
  const level = "restricted";
  const version = "latest";
  return {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AdmissionConfiguration",
    plugins: [
      {
        name: "PodSecurity",
        configuration: {
          apiVersion: "pod-security.admission.config.k8s.io/v1",
          kind: "PodSecurityConfiguration",
          defaults: {
            ...{ enforce: level, "enforce-version": version },
            ...{ audit: level, "audit-version": version },
            ...{ warn: level, "warn-version": version },
          },
          exemptions: { usernames: [], runtimeClasses: [], namespaces: privilegedNamespaces(cni) },
        },
      },
      {
        name: "EventRateLimit",
        configuration: {
          apiVersion: "eventratelimit.admission.k8s.io/v1alpha1",
          kind: "Configuration",
          limits: [{ type: "Server", qps: 5000, burst: 20000 }],
        },
      },
    ],
  };
}

/** Who did what to which object, but no content: a Secret's would be written in plain text. */
const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "None", nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/version"] },
    { level: "None", resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
    { level: "None", resources: [{ group: "", resources: ["events"] }] },
    { level: "Metadata" },
  ],
};
