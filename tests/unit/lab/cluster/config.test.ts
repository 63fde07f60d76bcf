import { parse, parseAllDocuments } from "yaml";
import {
  auditPolicy,
  clusterConfig,
  type ClusterSpec,
  SERVICE_ADDRESS,
} from "../../../../lab/cluster/config";
import { podStages } from "../../../../lab/cluster/pod-stages";
import { settingsHash } from "../../../../lab/cluster/files";

const spec: ClusterSpec = {
  tools: {
    etcd: "/t/etcd",
    "kube-apiserver": "/t/kube-apiserver",
    "kube-controller-manager": "/t/kube-controller-manager",
    "kube-scheduler": "/t/kube-scheduler",
    kubectl: "/t/kubectl",
    kwok: "/t/kwok",
    kwokctl: "/t/kwokctl",
  },
  ports: { apiServer: 1, etcd: 2, etcdPeer: 3, controllerManager: 4, scheduler: 5, kwok: 6 },
  dataFolder: "/state/etcd",
  keysFolder: "/state/pki",
  stagesFile: "/state/kwok-stages.yaml",
};

const documents = (of: ClusterSpec) => parseAllDocuments(clusterConfig(of)).map((d) => d.toJS());

test("every program is a local file, so that kwokctl downloads nothing", () => {
  const [{ options }] = documents(spec);
  const binaries = Object.entries(options).filter(([name]) => name.endsWith("Binary"));
  expect(Object.fromEntries(binaries)).toEqual({
    etcdBinary: "/t/etcd",
    kubeApiserverBinary: "/t/kube-apiserver",
    kubeControllerManagerBinary: "/t/kube-controller-manager",
    kubeSchedulerBinary: "/t/kube-scheduler",
    kubectlBinary: "/t/kubectl",
    kwokControllerBinary: "/t/kwok",
  });
});

test("the cluster is secure, on loopback, and on the ports given", () => {
  const [{ options }] = documents(spec);
  expect(options).toMatchObject({
    bindAddress: "127.0.0.1",
    securePort: true,
    kubeAuthorization: true,
    kubeAdmission: true,
  });
  const ports = Object.entries(options).filter(([name]) => name.endsWith("Port"));
  const numbers = ports.map(([, port]) => port).filter((port) => typeof port === "number");
  expect(numbers.sort()).toEqual([1, 2, 3, 4, 5, 6]);
});

test("kwok gets the lab's stage in a file apart, since it would drop its own stages for one in here", () => {
  const all = documents(spec);
  expect(all.map(({ kind }) => kind)).toEqual(["KwokctlConfiguration", "KwokConfiguration"]);
  const kwok = all[0].componentsPatches.find(({ name }: any) => name === "kwok-controller");
  expect(kwok.extraArgs).toContainEqual({ key: "config", value: "/state/kwok-stages.yaml" });
});

test("of pods told to end, only running provisioner pods get a grace period; no other is slowed down", () => {
  const { selector, weight, delay, next } = parse(podStages()).spec;
  expect(selector.matchLabels).toEqual({ "app.kubernetes.io/name": "node-provisioner" });
  expect(selector.matchExpressions).toContainEqual({
    key: ".metadata.deletionTimestamp",
    operator: "Exists",
  });
  expect({ weight, delay, next }).toEqual({
    weight: 1,
    delay: { durationFrom: { expressionFrom: ".metadata.deletionTimestamp" } },
    next: { delete: true },
  });
});

test("there is an audit policy exactly where one is given", () => {
  expect(documents(spec)[0].options).not.toHaveProperty("kubeAuditPolicy");
  const audited = documents({ ...spec, auditPolicyFile: "/state/audit-policy.yaml" });
  expect(audited[0].options.kubeAuditPolicy).toBe("/state/audit-policy.yaml");
  const { rules } = parse(auditPolicy());
  expect(rules.at(-1)).toEqual({ level: "Metadata" });
  expect(rules.filter(({ level }: any) => level === "Request")).toMatchObject([
    { userGroups: ["system:serviceaccounts"], resources: [{ resources: ["nodes", "nodes/*"] }] },
  ]);
});

test("the API server's certificate names what it is to be reached at", () => {
  expect(documents(spec)[0].options.kubeApiserverCertSANs).toEqual([SERVICE_ADDRESS]);
  const named = documents({ ...spec, names: ["127.64.0.1"] });
  expect(named[0].options.kubeApiserverCertSANs).toEqual([SERVICE_ADDRESS, "127.64.0.1"]);
});

test("a node counts as lost as soon as asked for, with heartbeats to match; nothing changes unasked", () => {
  const mine = documents({ ...spec, nodeGraceSeconds: 20 })[0].options;
  expect(mine).toMatchObject({
    heartbeatFactor: 1,
    kubeControllerManagerNodeMonitorGracePeriodMilliseconds: 20_000,
  });
  expect(documents({ ...spec, nodeGraceSeconds: undefined })).toEqual(documents(spec));
  expect(documents(spec)[0].options).not.toHaveProperty("heartbeatFactor");
});

test("settings differ by tools, audit, names and grace period, not by ports", () => {
  const plain = settingsHash(spec.tools);
  expect(settingsHash({ ...spec.tools }, { audit: false, names: [] })).toBe(plain);
  expect(settingsHash(spec.tools, { audit: true })).not.toBe(plain);
  expect(settingsHash(spec.tools, { names: ["127.64.0.1"] })).not.toBe(plain);
  expect(settingsHash(spec.tools, { nodeGraceSeconds: 20 })).not.toBe(plain);
  expect(settingsHash({ ...spec.tools, etcd: "/other/etcd" })).not.toBe(plain);
});

test("kubelets are confined to their own, and are called at their addresses with a certificate", () => {
  const [{ componentsPatches }] = documents(spec);
  const { extraArgs } = componentsPatches.find(({ name }: any) => name === "kube-apiserver");
  expect(extraArgs).toEqual([
    { key: "advertise-address", value: "192.0.2.1" },
    { key: "enable-admission-plugins", value: "NodeRestriction" },
    { key: "kubelet-client-certificate", value: "/state/pki/admin.crt" },
    { key: "kubelet-client-key", value: "/state/pki/admin.key" },
    { key: "kubelet-preferred-address-types", value: "InternalIP,Hostname" },
  ]);
});
