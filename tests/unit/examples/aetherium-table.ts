import { PASSAGES } from "./aetherium-passages";
import { isThere, type Row, type SystemTable } from "./table";

const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";
const DAEMON_SET = "kubernetes:apps/v1:DaemonSet";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const INGRESS = "kubernetes:networking.k8s.io/v1:Ingress";
const NAMESPACE = "kubernetes:core/v1:Namespace";
const SERVICE = "kubernetes:core/v1:Service";
const STATEFUL_SET = "kubernetes:apps/v1:StatefulSet";
const CNPG = "kubernetes:postgresql.cnpg.io/v1:Cluster";
const CONSUL = "aetherium-consul";
const GATEWAY = "aetherium-api-gateway";
const POSTGRES = "aetherium-postgres";
const POD = "spec.template.spec";
const SELECTOR = "aetherium.io/kvm-enabled";

const worker = (path: string) => ({ type: DAEMON_SET, name: "aetherium-worker", path });
const container = (path: string) => worker(`${POD}.containers[0].${path}`);
const variable = (name: string) => container(`env[name=${name}].value`);
const verifyHost = (path: string) =>
  worker(`${POD}.initContainers[name=verify-host]${path === "" ? "" : `.${path}`}`);
const provisioner = (path: string) => ({
  type: DAEMON_SET,
  name: "aetherium-provisioner-agents",
  path,
});
const files = (path: string) => ({
  type: CONFIG_MAP,
  name: "aetherium-provisioner-files",
  path: `data.${path}`,
});
const consulSet = (path: string) => ({ type: STATEFUL_SET, name: CONSUL, path });
const gateway = (path: string) => ({ type: DEPLOYMENT, name: GATEWAY, path });
const ingress = (path: string) => ({ type: INGRESS, name: GATEWAY, path });

const registration = (read: (body: any) => unknown) => ({
  at: variable("CONSUL_SERVICE_REGISTRATION"),
  read: (text: string) =>
    read(
      JSON.parse(
        text.replaceAll("$(NODE_NAME)", "<node-name>").replaceAll("$(POD_IP)", "<pod-ip>"),
      ),
    ),
});

const apart =
  "agents that reach into their node have a namespace of their own: services then run at the level `restricted`";
const named = "a component's pods carry what they are as app.kubernetes.io/name";
const unprivileged =
  "devices and TAP come without privilege: a guest that escapes does not own its node";
const vsock = "Firecracker's vsock is a Unix socket of its own and opens no vhost-vsock";
const secured = "Consul speaks TLS alone, and every caller shows a token";

const WORKER: Row[] = [
  { lines: [23, 23], fact: "workers are pods", at: worker(POD), read: isThere, says: true },
  {
    lines: [24, 24],
    fact: "Firecracker is the host's",
    at: worker(`${POD}.volumes[name=assets].hostPath`),
    read: isThere,
    says: true,
  },
  { lines: [50, 50], fact: "its name", at: worker("metadata.name"), says: "aetherium-worker" },
  {
    lines: [52, 56],
    fact: "a pod a node",
    at: worker(`${POD}.nodeSelector["${SELECTOR}"]`),
    says: "true",
  },
  {
    lines: [57, 58],
    fact: "a pod has /dev/kvm",
    at: container('resources.limits["aetherium.io/kvm"]'),
    says: "1",
  },
  { lines: [73, 73], fact: "a DaemonSet", at: worker("spec"), read: isThere, says: true },
  {
    lines: [74, 74],
    fact: "KVM is handed through: by the device plugin's resource",
    at: container('resources.requests["aetherium.io/kvm"]'),
    says: "1",
  },
  {
    lines: [75, 75],
    fact: "host network",
    at: worker(`${POD}.hostNetwork`),
    says: true,
    differs: { is: undefined, because: "TAP devices and bridge live in the pod's own network" },
  },
  {
    lines: [77, 77],
    fact: "privileged",
    at: container("securityContext.privileged"),
    says: true,
    differs: { is: false, because: unprivileged },
  },
  {
    lines: [111, 112],
    fact: "each node is asked for KVM before a worker starts",
    at: verifyHost(""),
    read: isThere,
    says: true,
  },
  {
    lines: [114, 115],
    fact: "/dev/vhost-vsock",
    at: container("volumeMounts"),
    read: (mounts) => JSON.stringify(mounts).includes("vhost-vsock"),
    says: true,
    differs: { is: false, because: vsock },
  },
  {
    lines: [323, 323],
    fact: "namespace of the workers",
    at: worker("metadata.namespace"),
    says: "aetherium",
    differs: { is: "aetherium-agents", because: apart },
  },
  {
    lines: [323, 323],
    fact: "label of the workers' pods",
    at: worker("spec.template.metadata.labels"),
    read: (labels) => labels["app.kubernetes.io/component"] ?? labels["app.kubernetes.io/name"],
    says: "worker",
  },
  {
    lines: [323, 323],
    fact: "the label's key",
    at: worker("spec.template.metadata.labels"),
    read: (labels) => Object.keys(labels).find((key) => labels[key] === "worker"),
    says: "app.kubernetes.io/component",
    differs: { is: "app.kubernetes.io/name", because: named },
  },
  {
    lines: [339, 339],
    fact: "checks before the start: KVM and the assets",
    at: verifyHost("env[name=ASSET_FILES].value"),
    says: "firecracker vmlinux rootfs.ext4",
  },
  {
    lines: [340, 340],
    fact: "IP forwarding",
    at: worker(`${POD}.securityContext.sysctls`),
    says: [{ name: "net.ipv4.ip_forward", value: "1" }],
  },
  {
    lines: [340, 340],
    fact: "the worker makes the bridge: one capability, and no other",
    at: container("securityContext.capabilities"),
    says: { add: ["NET_ADMIN"], drop: ["ALL"] },
  },
  { lines: [424, 424], fact: "kind of the workers", at: worker("spec"), read: isThere, says: true },
  {
    lines: [425, 425],
    fact: "node selector",
    at: worker(`${POD}.nodeSelector`),
    says: { "aetherium.io/kvm-enabled": "true" },
  },
  {
    lines: [432, 433],
    fact: "one pod a KVM node",
    at: worker(`${POD}.nodeSelector`),
    says: { "aetherium.io/kvm-enabled": "true" },
  },
  {
    lines: [434, 434],
    fact: "host network",
    at: worker(`${POD}.hostNetwork`),
    says: true,
    differs: { is: undefined, because: "TAP devices and bridge live in the pod's own network" },
  },
  {
    lines: [435, 435],
    fact: "devices of the node",
    at: container("volumeMounts"),
    read: (mounts) =>
      mounts
        .map((mount: any) => mount.mountPath)
        .filter((path: string) => path.startsWith("/dev/")),
    says: ["/dev/kvm", "/dev/vhost-vsock"],
    differs: {
      is: ["/dev/net/tun"],
      because: `the device plugin hands /dev/kvm in without a mount, and ${vsock}`,
    },
  },
  {
    lines: [436, 436],
    fact: "where kernel and root file system are seen",
    at: container("volumeMounts[name=assets].mountPath"),
    says: "/var/firecracker",
  },
  {
    lines: [437, 437],
    fact: "privileged",
    at: container("securityContext.privileged"),
    says: true,
    differs: { is: false, because: unprivileged },
  },
  {
    lines: [438, 438],
    fact: "an init container that looks at the node",
    at: verifyHost("name"),
    says: "verify-host",
  },
  {
    lines: [537, 537],
    fact: "workers by label, again",
    at: worker("metadata.namespace"),
    says: "aetherium",
    differs: { is: "aetherium-agents", because: apart },
  },
  {
    lines: [559, 559],
    fact: "workers' logs by label, again",
    at: worker("metadata.namespace"),
    says: "aetherium",
    differs: { is: "aetherium-agents", because: apart },
  },
  {
    lines: [572, 576],
    fact: "name of the init container",
    at: verifyHost("name"),
    says: "verify-host",
  },
  {
    lines: [605, 605],
    fact: "/dev/kvm inside the pod",
    at: container('resources.limits["aetherium.io/kvm"]'),
    says: "1",
  },
  {
    lines: [608, 608],
    fact: "the assets inside the pod",
    at: container("volumeMounts[name=assets].mountPath"),
    says: "/var/firecracker",
  },
  {
    lines: [613, 613],
    fact: "host network for TAP devices",
    at: worker(`${POD}.hostNetwork`),
    says: true,
    differs: {
      is: undefined,
      because: "TAP devices are the pod's own, and so is the network that they are in",
    },
  },
  {
    lines: [620, 620],
    fact: "the bridge by its name",
    at: worker(POD),
    read: (pod) => JSON.stringify(pod).includes("aetherium0"),
    says: true,
    differs: {
      is: false,
      because: "the worker's image makes the bridge inside its pod: no object has to name it",
    },
  },
  {
    lines: [633, 633],
    fact: "the DaemonSet by its name",
    at: worker("metadata.name"),
    says: "aetherium-worker",
  },
];

const NODES: Row[] = [
  {
    lines: [127, 127],
    fact: "version of Firecracker",
    at: files('["amd64.table"]'),
    read: (table: string) => /releases\/download\/(v[\d.]+)\//.exec(table)?.[1],
    says: "v1.7.0",
    differs: { is: "v1.16.1", because: "1.7.0 gets no fixes any more" },
  },
  {
    lines: [128, 130],
    fact: "where Firecracker comes from, and as a program",
    at: files('["amd64.table"]'),
    read: (table: string) =>
      /^firecracker 755 .*github\.com\/firecracker-microvm\/firecracker\/releases\/download/m.test(
        table,
      ),
    says: true,
  },
  {
    lines: [137, 137],
    fact: "the folder of the assets on the node",
    at: worker(`${POD}.volumes[name=assets].hostPath.path`),
    says: "/var/firecracker",
    differs: {
      is: "/var/lib/kvm-fabric",
      because: "versions lie side by side there, so a node is upgraded without a moment between",
    },
  },
  {
    lines: [140, 141],
    fact: "the kernel",
    at: files('["amd64.table"]'),
    read: (table: string) => /^vmlinux \d+ ([\da-f]{64}) .*https:\/\//m.test(table),
    says: true,
  },
  {
    lines: [151, 151],
    fact: "label of a node with KVM",
    at: worker(`${POD}.nodeSelector`),
    says: { "aetherium.io/kvm-enabled": "true" },
  },
  {
    lines: [154, 154],
    fact: "taint of a node of workers alone",
    at: worker(`${POD}.tolerations`),
    says: [{ key: "aetherium.io/worker", operator: "Equal", value: "true", effect: "NoSchedule" }],
  },
  {
    lines: [164, 167],
    fact: "files of the assets",
    at: files('["amd64.table"]'),
    read: (table: string) =>
      ["vmlinux", "rootfs.ext4", "firecracker"].filter((file) =>
        new RegExp(`^${file} `, "m").test(table),
      ),
    says: ["vmlinux", "rootfs.ext4", "firecracker"],
  },
  {
    lines: [172, 172],
    fact: "nodes are prepared by a DaemonSet",
    at: provisioner("spec"),
    read: isThere,
    says: true,
  },
  {
    lines: [183, 183],
    fact: "which finds every new node that has what workers need",
    at: provisioner(`${POD}.nodeSelector`),
    says: { "aetherium.io/kvm-enabled": "true" },
  },
  {
    lines: [186, 188],
    fact: "KVM is proven first",
    at: files('["provision.sh"]'),
    read: (script: string) => script.includes("/dev/kvm"),
    says: true,
  },
  {
    lines: [191, 191],
    fact: "then Firecracker and kernel are there",
    at: files('["amd64.gate"]'),
    read: (gate: string) => ["kernel vmlinux", "vmm firecracker"].every((l) => gate.includes(l)),
    says: true,
  },
  {
    lines: [194, 194],
    fact: "label that the provisioner writes",
    at: files('["label.json"]'),
    read: (text: string) => Object.keys(JSON.parse(text).metadata.labels)[0],
    says: "aetherium.io/kvm-enabled",
    differs: {
      is: "aetherium.io/assets",
      because:
        "the pool says that a node has KVM; the provisioner says for which assets that is proven",
    },
  },
  {
    lines: [197, 197],
    fact: "what workers wait for",
    at: worker(`${POD}.affinity.nodeAffinity`),
    read: (affinity) =>
      affinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]
        .matchExpressions[0].key,
    says: "aetherium.io/kvm-enabled",
    differs: { is: "aetherium.io/assets", because: "a node may have KVM before it is proven" },
  },
  { lines: [213, 213], fact: "enabled", at: provisioner("spec"), read: isThere, says: true },
  {
    lines: [214, 214],
    fact: "version of Firecracker",
    at: files('["amd64.table"]'),
    read: (table: string) => /releases\/download\/(v[\d.]+)\//.exec(table)?.[1],
    says: "v1.7.0",
    differs: { is: "v1.16.1", because: "1.7.0 gets no fixes any more" },
  },
  {
    lines: [215, 215],
    fact: "the kernel's address",
    at: files('["amd64.table"]'),
    read: (table: string) => /^vmlinux .*(https:\/\/\S+)$/m.exec(table)?.[1],
    says: "https://s3.amazonaws.com/spec.ccfc.min/img/quickstart_guide/x86_64/kernels/vmlinux.bin",
    differs: {
      is: "https://assets.example.com/aetherium/vmlinux-6.1",
      because: "that kernel is a demonstration's, too old for this Firecracker: bring your own",
    },
  },
  {
    lines: [218, 218],
    fact: "the root file system's address: one's own",
    at: files('["amd64.table"]'),
    read: (table: string) => /^rootfs\.ext4 .*\/aetherium\/(\S+)$/m.exec(table)?.[1],
    says: "rootfs.ext4",
  },
  {
    lines: [223, 224],
    fact: "runs on all nodes",
    at: provisioner(`${POD}.nodeSelector`),
    says: undefined,
    differs: {
      is: { "aetherium.io/kvm-enabled": "true" },
      because: "what may touch a node's files has no business on nodes without KVM",
    },
  },
  {
    lines: [225, 228],
    fact: "only nodes with KVM become nodes of workers",
    at: files('["open.json"]'),
    read: (text: string) => JSON.parse(text)[2].path,
    says: "/metadata/labels/aetherium.io~1assets",
  },
  {
    lines: [278, 287],
    fact: "root file systems come from object storage, by address",
    at: files('["amd64.table"]'),
    read: (table: string) => /^rootfs\.ext4 \d+ [\da-f]{64} .*https:\/\//m.test(table),
    says: true,
  },
  {
    lines: [478, 478],
    fact: "a DaemonSet prepares bare-metal nodes",
    at: provisioner("spec"),
    read: isThere,
    says: true,
  },
  {
    lines: [527, 534],
    fact: "another node joins by its label",
    at: worker(`${POD}.nodeSelector`),
    says: { "aetherium.io/kvm-enabled": "true" },
  },
];

const DISCOVERY: Row[] = [
  {
    lines: [25, 25],
    fact: "workers register with Consul",
    at: variable("CONSUL_SERVICE_REGISTRATION"),
    read: isThere,
    says: true,
  },
  {
    lines: [33, 33],
    fact: "namespace of the services",
    at: { type: NAMESPACE, name: "aetherium-services", path: "metadata.name" },
    says: "aetherium",
  },
  {
    lines: [36, 37],
    fact: "Consul is a StatefulSet",
    at: consulSet("spec"),
    read: isThere,
    says: true,
  },
  {
    lines: [76, 76],
    fact: "workers know where Consul is",
    at: variable("CONSUL_HTTP_ADDR"),
    read: isThere,
    says: true,
  },
  {
    lines: [101, 101],
    fact: "Consul's data is on volumes",
    at: consulSet("spec.volumeClaimTemplates[0]"),
    read: isThere,
    says: true,
  },
  {
    lines: [200, 200],
    fact: "a worker's service",
    at: variable("CONSUL_SERVICE_NAME"),
    says: "aetherium-worker",
  },
  {
    lines: [326, 327],
    fact: "Consul's Service",
    at: { type: SERVICE, name: CONSUL, path: "metadata.name" },
    says: "aetherium-consul",
  },
  {
    lines: [326, 327],
    fact: "its port, plain",
    at: { type: SERVICE, name: CONSUL, path: "spec.ports[0].port" },
    says: 8500,
    differs: { is: 8501, because: secured },
  },
  {
    lines: [335, 335],
    fact: "an entry goes with its worker, at the latest after a while",
    ...registration((body) => isThere(body.Check.DeregisterCriticalServiceAfter)),
    says: true,
  },
  {
    lines: [341, 341],
    fact: "name of the service",
    at: variable("CONSUL_SERVICE_NAME"),
    says: "aetherium-worker",
  },
  {
    lines: [342, 342],
    fact: "what Consul asks for health",
    at: container("readinessProbe.httpGet.path"),
    says: "/health",
  },
  {
    lines: [351, 351],
    fact: "ID",
    ...registration((body) => body.ID),
    says: "aetherium-worker-<node-name>",
  },
  {
    lines: [352, 352],
    fact: "Name",
    ...registration((body) => body.Name),
    says: "aetherium-worker",
  },
  {
    lines: [353, 353],
    fact: "Tags",
    ...registration((body) => body.Tags),
    says: ["worker", "firecracker", "kvm"],
  },
  { lines: [354, 354], fact: "Address", ...registration((body) => body.Address), says: "<pod-ip>" },
  { lines: [355, 355], fact: "Port", ...registration((body) => body.Port), says: 8081 },
  {
    lines: [356, 359],
    fact: "Meta",
    ...registration((body) => body.Meta),
    says: { node: "<node-name>", kvm_enabled: "true" },
  },
  {
    lines: [360, 361],
    fact: "what is asked",
    ...registration((body) => body.Check.HTTP),
    says: "http://<pod-ip>:8081/health",
  },
  {
    lines: [362, 363],
    fact: "how often",
    ...registration((body) => body.Check.Interval),
    says: "10s",
  },
  {
    lines: [350, 364],
    fact: "all keys of a registration",
    ...registration((body) => Object.keys(body)),
    says: ["ID", "Name", "Tags", "Address", "Port", "Meta", "Check"],
  },
  {
    lines: [426, 426],
    fact: "Consul is deployed",
    at: consulSet("metadata.namespace"),
    says: "aetherium",
  },
  {
    lines: [475, 475],
    fact: "the namespace is made",
    at: { type: NAMESPACE, name: "aetherium-services", path: "metadata.name" },
    says: "aetherium",
  },
  {
    lines: [543, 549],
    fact: "Consul's first server is aetherium-consul-0, in namespace aetherium",
    at: consulSet("metadata"),
    read: ({ name, namespace }) => `${String(namespace)}/${String(name)}-0`,
    says: "aetherium/aetherium-consul-0",
  },
  {
    lines: [551, 552],
    fact: "Consul's own pages",
    at: { type: CONFIG_MAP, name: "aetherium-consul-config", path: 'data["server.json"]' },
    read: (text: string) => JSON.parse(text).ui_config.enabled,
    says: true,
    differs: { is: false, because: "whoever sees the pages sees every node and service" },
  },
  {
    lines: [564, 565],
    fact: "Consul's logs by pod",
    at: consulSet("metadata.name"),
    says: "aetherium-consul",
  },
  {
    lines: [591, 592],
    fact: "Consul's address inside a worker",
    at: variable("CONSUL_HTTP_ADDR"),
    says: "http://aetherium-consul:8500",
    differs: { is: "https://aetherium-consul.aetherium.svc:8501", because: secured },
  },
  {
    lines: [595, 595],
    fact: "variables whose name holds CONSUL",
    at: container("env"),
    read: (env) => env.some((entry: any) => entry.name.includes("CONSUL")),
    says: true,
  },
];

const API: Row[] = [
  {
    lines: [26, 26],
    fact: "the gateway keeps nothing on disk",
    at: gateway(`${POD}.volumes`),
    read: (volumes) => volumes.some((volume: any) => volume.persistentVolumeClaim !== undefined),
    says: false,
  },
  {
    lines: [36, 37],
    fact: "a Deployment",
    at: gateway("spec"),
    read: isThere,
    says: true,
  },
  {
    lines: [38, 38],
    fact: "replicas in production",
    at: gateway("spec.replicas"),
    says: 3,
    stack: "prod",
  },
  {
    lines: [42, 42],
    fact: "it finds workers in Consul",
    at: gateway(`${POD}.containers[0].env[name=CONSUL_HTTP_ADDR].value`),
    read: isThere,
    says: true,
  },
  {
    lines: [76, 76],
    fact: "it is told whom to look for",
    at: gateway(`${POD}.containers[0].env[name=KVM_FABRIC_WORKER_SERVICE].value`),
    read: isThere,
    says: true,
  },
  {
    lines: [102, 102],
    fact: "the ingress controller that is recommended",
    at: ingress("spec.ingressClassName"),
    says: "nginx",
    differs: { is: "traefik", because: "ingress-nginx was retired in March 2026" },
    stack: "prod",
  },
  {
    lines: [203, 203],
    fact: "it may read the catalogue, with a token of its own",
    at: gateway(`${POD}.containers[0].env[name=CONSUL_HTTP_TOKEN].valueFrom.secretKeyRef.name`),
    read: isThere,
    says: true,
  },
  {
    lines: [312, 313],
    fact: "a stack for production",
    at: gateway("spec"),
    read: isThere,
    says: true,
    stack: "prod",
  },
  {
    lines: [454, 454],
    fact: "a stack between the two",
    at: gateway("spec"),
    read: isThere,
    says: true,
    stack: "staging",
  },
  {
    lines: [329, 330],
    fact: "its Service",
    at: { type: SERVICE, name: GATEWAY, path: "metadata" },
    read: ({ name, namespace }) => `${String(namespace)}/${String(name)}`,
    says: "aetherium/aetherium-api-gateway",
  },
  {
    lines: [329, 330],
    fact: "its port",
    at: { type: SERVICE, name: GATEWAY, path: "spec.ports[0].port" },
    says: 8080,
  },
  {
    lines: [341, 343],
    fact: "it discovers workers in the catalogue, by the name that they register",
    at: gateway(`${POD}.containers[0].env[name=KVM_FABRIC_WORKER_SERVICE].value`),
    says: "aetherium-worker",
  },
  {
    lines: [369, 376],
    fact: "what it asks for, over TLS",
    at: gateway(`${POD}.containers[0].env[name=CONSUL_HTTP_ADDR].value`),
    read: (address: string) => new URL(address).port,
    says: "8500",
    differs: { is: "8501", because: secured },
  },
  {
    lines: [391, 391],
    fact: "Secrets: the database's address, with its password, is in one",
    at: gateway(`${POD}.containers[0].env[name=DATABASE_URL].valueFrom.secretKeyRef`),
    read: isThere,
    says: true,
  },
  {
    lines: [392, 392],
    fact: "an account of its own",
    at: gateway(`${POD}.serviceAccountName`),
    read: isThere,
    says: true,
  },
  {
    lines: [423, 423],
    fact: "replicas by default",
    at: gateway("spec.replicas"),
    says: 1,
  },
  {
    lines: [508, 511],
    fact: "an Ingress, of a class by argument",
    at: ingress("spec.ingressClassName"),
    says: "nginx",
    differs: { is: "traefik", because: "ingress-nginx was retired in March 2026" },
    stack: "prod",
  },
  {
    lines: [512, 513],
    fact: "cert-manager's issuer",
    at: ingress('metadata.annotations["cert-manager.io/cluster-issuer"]'),
    says: "letsencrypt-prod",
    stack: "prod",
  },
  {
    lines: [514, 515],
    fact: "host",
    at: ingress("spec.rules[0].host"),
    says: "aetherium.example.com",
    stack: "prod",
  },
  {
    lines: [516, 518],
    fact: "path",
    at: ingress("spec.rules[0].http.paths[0]"),
    read: ({ path, pathType }) => ({ path, pathType }),
    says: { path: "/", pathType: "Prefix" },
    stack: "prod",
  },
  {
    lines: [519, 522],
    fact: "certificate",
    at: ingress("spec.tls"),
    says: [{ secretName: "aetherium-tls", hosts: ["aetherium.example.com"] }],
    stack: "prod",
  },
  {
    lines: [561, 562],
    fact: "label of the gateway's pods",
    at: gateway('spec.template.metadata.labels["app.kubernetes.io/component"]'),
    says: "api-gateway",
  },
];

const DATA: Row[] = [
  {
    lines: [36, 37],
    fact: "Postgres is a StatefulSet",
    at: { type: CNPG, name: POSTGRES, path: "kind" },
    says: "StatefulSet",
    differs: {
      is: "Cluster",
      because: "CloudNativePG fails over, backs up and upgrades, which a StatefulSet does not",
    },
  },
  {
    lines: [53, 57],
    fact: "Redis holds the queue of tasks",
    at: { type: STATEFUL_SET, name: "aetherium-redis", path: "spec" },
    read: isThere,
    says: true,
  },
  {
    lines: [101, 101],
    fact: "Redis keeps it on a volume",
    at: {
      type: STATEFUL_SET,
      name: "aetherium-redis",
      path: "spec.volumeClaimTemplates[0].metadata.name",
    },
    read: isThere,
    says: true,
  },
  {
    lines: [427, 427],
    fact: "Postgres is deployed",
    at: { type: CNPG, name: POSTGRES, path: "metadata.namespace" },
    says: "aetherium",
  },
  {
    lines: [428, 428],
    fact: "Redis is deployed",
    at: { type: STATEFUL_SET, name: "aetherium-redis", path: "metadata.namespace" },
    says: "aetherium",
  },
  ...[
    { type: CNPG, name: POSTGRES },
    { type: STATEFUL_SET, name: "aetherium-redis" },
    { type: STATEFUL_SET, name: CONSUL },
  ].map((place): Row => ({
    lines: [476, 476],
    fact: `the program makes ${place.name}`,
    at: { ...place, path: "spec" },
    read: isThere,
    says: true,
  })),
  {
    lines: [484, 488],
    fact: "in production the database is somebody else's: none is made",
    at: { type: "kvm-fabric:index:Postgres", name: POSTGRES, path: "external" },
    read: isThere,
    says: true,
    stack: "prod",
  },
  ...[
    { line: 490, key: "host", says: "aetherium-db.postgres.database.azure.com" },
    { line: 491, key: "port", says: 5432 },
    { line: 492, key: "database", says: "aetherium" },
    { line: 493, key: "existingSecret", says: "postgres-credentials" },
  ].map(({ key, line, says }): Row => {
    const at = {
      type: "kvm-fabric:index:Postgres",
      name: POSTGRES,
      path: `external.${key}`,
    };
    return {
      lines: [line === 490 ? 489 : line, line],
      fact: `${key} of somebody else's database`,
      at,
      says,
      stack: "prod",
    };
  }),
  {
    lines: [498, 502],
    fact: "somebody else's Consul",
    at: { type: "kvm-fabric:index:Consul", name: CONSUL, path: "external.address" },
    says: "consul.example.com:8500",
    differs: { is: "https://consul.example.com:8501", because: secured },
    stack: "external",
  },
];

/** The document of aetherium, line by line: its guide to Kubernetes. */
export const aetherium: SystemTable = {
  example: "aetherium",
  length: 640,
  rows: [...WORKER, ...NODES, ...DISCOVERY, ...API, ...DATA],
  passages: PASSAGES,
};
