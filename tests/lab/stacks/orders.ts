import type { DestroyOrder } from "../prod/destroy-order";

type Is = DestroyOrder["stages"][string];

const of =
  (type: RegExp, name = /(?:)/): Is =>
  (one) =>
    type.test(one.type) && name.test(one.name);

const NAMESPACE = /^kubernetes:core\/v1:Namespace$/;

const inside = {
  "node agents": of(/^kubernetes:apps.*:DaemonSet$/),
  services: of(/^kubernetes:(apps.*:StatefulSet|batch.*)$/),
  volumes: of(/:PersistentVolumeClaim$/),
  "the agents' namespace": of(NAMESPACE, /-agents$/),
  "the services' namespace": of(NAMESPACE, /-services$/),
  namespaces: of(NAMESPACE),
};

const insideOrder = [
  ["node agents", "the agents' namespace"],
  ["services", "the services' namespace"],
  ["volumes", "the services' namespace"],
] as const;

const KVM = /-kvm-/;

/** On Google Cloud. */
export const gcpOrder: DestroyOrder = {
  stages: {
    ...inside,
    "the KVM pools": of(/^gcp:container:NodePool$/, KVM),
    "a KVM pool": of(/^gcp:container:NodePool$/, /-kvm-nested$/),
    "its identity": of(/^gcp:(projects|serviceaccount):/, /-kvm-nested/),
    "the KVM pools' identities": of(/^gcp:(projects|serviceaccount):/, KVM),
    "the cluster's pools": of(/^gcp:container:NodePool$/, /-(system|services)$/),
    "the nodes' grants": of(/^gcp:projects:IAMMember$/, /^fabric-prod-nodes-/),
    "the nodes' identity": of(/^gcp:serviceaccount:Account$/, /^fabric-prod-nodes$/),
    "the cluster": of(/^gcp:container:Cluster$/),
    "the key's grant": of(/^gcp:kms:CryptoKeyIAMMember$/),
    "the key": of(/^gcp:kms:CryptoKey$/),
    "the way out": of(/^gcp:compute:RouterNat$/),
    router: of(/^gcp:compute:Router$/),
    subnetwork: of(/^gcp:compute:Subnetwork$/),
    network: of(/^gcp:compute:Network$/),
  },
  order: [
    ...insideOrder,
    ["namespaces", "the KVM pools"],
    ["a KVM pool", "its identity"],
    ["the KVM pools' identities", "the cluster"],
    ["namespaces", "the cluster's pools"],
    ["the cluster's pools", "the nodes' grants"],
    ["the cluster's pools", "the cluster"],
    ["the cluster", "the nodes' identity"],
    ["the cluster", "the key's grant"],
    ["the key's grant", "the key"],
    ["the KVM pools", "the way out"],
    ["the cluster's pools", "the way out"],
    ["the way out", "router"],
    ["the cluster", "subnetwork"],
    ["router", "network"],
    ["subnetwork", "network"],
  ],
};

/** On Azure, where the system pool is a part of the cluster. */
export const azureOrder: DestroyOrder = {
  stages: {
    ...inside,
    "the KVM pools": of(/:AgentPool$/, KVM),
    "the services' pool": of(/:AgentPool$/, /-services$/),
    access: of(/:RoleAssignment$/, /-access-/),
    diagnostics: of(/:DiagnosticSetting$/),
    "the cluster": of(/:ManagedCluster$/),
    "the cluster's grant": of(/:RoleAssignment$/, /-subnet$/),
    "the cluster's identity": of(/:UserAssignedIdentity$/),
    logs: of(/:Workspace$/),
    subnet: of(/:network:Subnet$/),
    "the way out": of(/:NatGateway$/),
    network: of(/:VirtualNetwork$/),
    "the resource group": of(/:ResourceGroup$/),
  },
  order: [
    ...insideOrder,
    ["namespaces", "the KVM pools"],
    ["namespaces", "the services' pool"],
    ["namespaces", "access"],
    ["the KVM pools", "the cluster"],
    ["the services' pool", "the cluster"],
    ["access", "the cluster"],
    ["diagnostics", "the cluster"],
    ["the cluster", "the cluster's grant"],
    ["the cluster's grant", "the cluster's identity"],
    ["diagnostics", "logs"],
    ["the cluster", "subnet"],
    ["the KVM pools", "the way out"],
    ["subnet", "the way out"],
    ["subnet", "network"],
    ["network", "the resource group"],
    ["logs", "the resource group"],
    ["the cluster's identity", "the resource group"],
  ],
};
