import { is, type Rule, testRules } from "./rules";
import { k3sStack, kubeadmStack } from "./stacks";

// Numbers are those of the CIS Kubernetes Benchmark v1.11, as https://docs.k3s.io/security/self-assessment-1.11 has
// them; "hardening guide" is https://docs.k3s.io/security/hardening-guide, for what the benchmark asks no longer.
type Row = [id: string, asks: string, path: string, holds: Rule["holds"], broken: unknown];

const atLeast = (least: number) => (value: unknown) => Number(value) >= least;
const includes = (entry: string) => (list: unknown) => String(list).split(",").includes(entry);
const not = (wrong: unknown) => (value: unknown) => value !== wrong;
const unset = (value: unknown) => value === undefined;
// Forward secrecy and authenticated encryption.
const isStrong = (suite: string) => /^TLS_ECDHE_\w+_(GCM_SHA\d+|CHACHA20_POLY1305)$/.test(suite);
const strong = (list: unknown) => String(list).split(",").every(isStrong);

const apiServer: Row[] = [
  [
    "1.2.9",
    "events cannot flood it",
    "apiServer.enable-admission-plugins",
    includes("EventRateLimit"),
    "NodeRestriction",
  ],
  [
    "1.2.14",
    "a kubelet changes its own node alone",
    "apiServer.enable-admission-plugins",
    includes("NodeRestriction"),
    "EventRateLimit",
  ],
  [
    "1.2.16",
    "an audit log",
    "apiServer.audit-log-path",
    (file) => String(file).startsWith("/var/"),
    undefined,
  ],
  ["1.2.17", "kept for 30 days", "apiServer.audit-log-maxage", atLeast(30), "7"],
  ["1.2.18", "in 10 files", "apiServer.audit-log-maxbackup", atLeast(10), "1"],
  ["1.2.19", "of 100 MB", "apiServer.audit-log-maxsize", atLeast(100), "10"],
  [
    "1.2.29",
    "strong ciphers",
    "apiServer.tls-cipher-suites",
    strong,
    "TLS_RSA_WITH_AES_128_CBC_SHA",
  ],
  [
    "1.2.30",
    "tokens end when they say so",
    "apiServer.service-account-extend-token-expiration",
    is("false"),
    "true",
  ],
  [
    "1.3.1",
    "pods that ended are cleared away",
    "controllerManager.terminated-pod-gc-threshold",
    (pods) => pods > 0,
    "0",
  ],
  [
    "3.2.1",
    "an audit policy",
    "apiServer.audit-policy-file",
    (file) => String(file).endsWith("-audit-policy.json"),
    undefined,
  ],
  [
    "section 8",
    "that writes what was done, and no Secret's content",
    "audit.rules",
    (rules) =>
      rules.at(-1).level === "Metadata" &&
      rules.every(({ level }: any) => /^(None|Metadata)$/.test(level)),
    [{ level: "RequestResponse" }],
  ],
  [
    "5.2.1",
    "pods are admitted by the restricted standard",
    "admission.plugins.0.configuration.defaults.enforce",
    is("restricted"),
    "privileged",
  ],
  [
    "5.2.1",
    "in every namespace but those that need the host",
    "admission.plugins.0.configuration.exemptions.namespaces",
    (namespaces) => namespaces.join() === "kube-system",
    ["default"],
  ],
  [
    "hardening guide",
    "what steers it is root's alone to read",
    "openFiles",
    (files) => files.length === 0,
    ["config.yaml"],
  ],
];

const k3sServer: Row[] = [
  ...apiServer,
  ["1.1.13", "the kubeconfig is root's alone", "config.write-kubeconfig-mode", is("0600"), "0644"],
  ["1.2.1", "nobody unknown is answered", "apiServer.anonymous-auth", is("false"), "true"],
  ["1.2.15", "no profiles: k3s's own default", "apiServer.profiling", not("true"), "true"],
  ["1.2.28", "secrets are encrypted", "config.secrets-encryption", is(true), false],
  ["1.3.2", "no profiles: k3s's own default", "controllerManager.profiling", not("true"), "true"],
  [
    "2.1",
    "etcd with TLS: k3s's own, and nobody's settings of it",
    "config.etcd-arg",
    unset,
    ["cert-file="],
  ],
  ["2.1", "no other store", "config.datastore-endpoint", unset, "http://db"],
];
const k3sKubelet: Row[] = [
  ["4.2.1", "nobody unknown is answered", "kubelet.anonymous-auth", is("false"), "true"],
  [
    "4.2.4",
    "no port without authentication: k3s's own default",
    "kubelet.read-only-port",
    unset,
    "10255",
  ],
  ["4.2.5", "idle streams end", "kubelet.streaming-connection-idle-timeout", is("5m"), "0"],
  [
    "hardening guide",
    "strong ciphers",
    "kubelet.tls-cipher-suites",
    strong,
    "TLS_RSA_WITH_AES_128_CBC_SHA",
  ],
  [
    "hardening guide",
    "the kernel's settings stay",
    "config.protect-kernel-defaults",
    is(true),
    false,
  ],
  ["section 8", "no token on a command line", "config.token", unset, "secret"],
];
const kubeadmServer: Row[] = [
  ...apiServer,
  [
    "1.2.1",
    "nobody unknown is answered but the kubelet's probes",
    "authentication.anonymous.conditions",
    (all) => all.every(({ path }: any) => /^\/(live|ready|health)z$/.test(path)),
    [{ path: "/api" }],
  ],
  [
    "1.2.1",
    "by that file",
    "apiServer.authentication-config",
    (file) => String(file).endsWith("/authentication.json"),
    undefined,
  ],
  ["1.2.15", "no profiles", "apiServer.profiling", is("false"), undefined],
  [
    "1.2.28",
    "secrets are encrypted",
    "apiServer.encryption-provider-config",
    (file) => String(file).endsWith("/encryption.json"),
    undefined,
  ],
  ["1.3.2", "no profiles", "controllerManager.profiling", is("false"), undefined],
  ["1.4.1", "no profiles", "scheduler.profiling", is("false"), undefined],
  [
    "4.2.1",
    "nobody unknown is answered by a kubelet",
    "kubeletConfig.authentication.anonymous.enabled",
    is(false),
    true,
  ],
  ["4.2.5", "idle streams end", "kubeletConfig.streamingConnectionIdleTimeout", is("5m0s"), "0s"],
  [
    "hardening guide",
    "the kernel's settings stay",
    "kubeletConfig.protectKernelDefaults",
    is(true),
    false,
  ],
  [
    "hardening guide",
    "strong ciphers",
    "kubeletConfig.tlsCipherSuites",
    (all) => all.every(isStrong),
    ["TLS_RSA_WITH_AES_128_CBC_SHA"],
  ],
  ["section 8", "certificates are made anew", "kubeletConfig.rotateCertificates", is(true), false],
];
const host: Row[] = [
  [
    "hardening guide",
    "memory is promised as kubelets expect",
    "sysctls.vm/overcommit_memory",
    is("1"),
    "0",
  ],
  ["hardening guide", "no panic for want of memory", "sysctls.vm/panic_on_oom", is("0"), "1"],
  ["hardening guide", "a panic ends", "sysctls.kernel/panic", is("10"), "0"],
  ["hardening guide", "an oops is one", "sysctls.kernel/panic_on_oops", is("1"), "0"],
];

const rule =
  (kind: string) =>
  ([id, asks, path, holds, broken]: Row): Rule => ({
    ...{ asks, kind, path, holds, broken },
    id: /^\d/.test(id) ? `CIS ${id}` : id,
  });

describe("k3s", () => {
  testRules(
    [
      ...k3sServer.map(rule("Server")),
      ...["Server", "Agent"].flatMap((kind) => k3sKubelet.map(rule(kind))),
      ...host.map(rule("Host")),
    ],
    k3sStack,
  );
});

describe("kubeadm", () => {
  testRules([...kubeadmServer.map(rule("Server")), ...host.map(rule("Host"))], kubeadmStack);
});
