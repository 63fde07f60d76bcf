import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Network } from "@pulumi/gcp/compute/network";
import { GcpCluster } from "../../../../components/cluster/gcp/gcp-cluster";
import { type GcpClusterArgs, GkeReleaseChannel } from "../../../../components/cluster/gcp/args";
import type { GcpClusterRef } from "../../../../components/cluster/cluster-ref";
import {
  deploy,
  type Deployment,
  type DeployOptions,
  find,
  isSecret,
  reveal,
  tree,
  UNKNOWN,
} from "../../../support/deploy";
import { remember } from "../../../support/remember";

const CLUSTER = "gcp:container/cluster:Cluster";
const POOL = "gcp:container/nodePool:NodePool";
const network = {
  networkId: "projects/p/global/networks/fabric",
  podRangeName: "pods",
  region: "europe-west1",
  serviceRangeName: "services",
  subnetworkId: "projects/p/regions/europe-west1/subnetworks/fabric",
};

// A pinned version's support is judged by the day: the tests' day never changes.
beforeAll(() => {
  jest.useFakeTimers({
    now: Date.parse("2026-11-21T00:00:00Z"),
    doNotFake: [
      "clearImmediate",
      "clearInterval",
      "clearTimeout",
      "hrtime",
      "nextTick",
      "performance",
      "queueMicrotask",
      "setImmediate",
      "setInterval",
      "setTimeout",
    ],
  });
});
afterAll(() => {
  jest.useRealTimers();
});

const outputsOf: DeployOptions["outputsOf"] = (type, _name, inputs) => {
  switch (type) {
    case "gcp:serviceaccount/account:Account":
      return { email: `${inputs.accountId}@p.iam.gserviceaccount.com`, project: "p" };
    case "gcp:projects/serviceIdentity:ServiceIdentity":
      return {
        member: "serviceAccount:service-7@container-engine-robot.iam.gserviceaccount.com",
      };
    case CLUSTER:
      return {
        endpoint: "10.0.0.2",
        controlPlaneEndpointsConfig: {
          dnsEndpointConfig: { endpoint: "gke-1.europe-west1.gke.goog" },
        },
        masterAuth: { clusterCaCertificate: "Q0E=", clientKey: "never" },
        masterVersion: "1.36.3-gke.1640000",
        project: "p",
      };
    default:
      return {};
  }
};

const run = remember((args: Partial<GcpClusterArgs> = {}, options: DeployOptions = {}) =>
  deploy(
    () => {
      const cluster = new GcpCluster("fabric", { network, ...args });
      // The component is a reference to itself.
      const ref: GcpClusterRef = cluster;
      new kubernetes.Provider("in-cluster", { kubeconfig: cluster.kubeconfig });
      return { ref };
    },
    { outputsOf, ...options },
  ),
);

const made = (done: Deployment) => tree(done).filter((line) => !line.includes("providers"));

test("makes exactly its resources, each below it", async () => {
  expect(made(await run())).toEqual([
    "gcp:container/cluster:Cluster fabric < fabric",
    "gcp:container/nodePool:NodePool fabric-system < fabric",
    "gcp:kms/cryptoKey:CryptoKey fabric-secrets < fabric",
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember fabric-key-user < fabric",
    "gcp:kms/keyRing:KeyRing fabric-keys < fabric",
    "gcp:projects/iAMMember:IAMMember fabric-nodes-images < fabric",
    "gcp:projects/iAMMember:IAMMember fabric-nodes-logs < fabric",
    "gcp:projects/iAMMember:IAMMember fabric-nodes-metadata < fabric",
    "gcp:projects/iAMMember:IAMMember fabric-nodes-metrics < fabric",
    "gcp:projects/iAMMember:IAMMember fabric-nodes-metrics-viewer < fabric",
    "gcp:projects/serviceIdentity:ServiceIdentity fabric-gke-agent < fabric",
    "gcp:serviceaccount/account:Account fabric-nodes < fabric",
    "kvm-fabric:index:GcpCluster fabric < stack",
  ]);
});

test("makes no key where one is given, but lets GKE use it", async () => {
  const databaseKeyId = "projects/k/locations/europe-west1/keyRings/r/cryptoKeys/k";
  const done = await run({ databaseKeyId });
  expect(made(done).filter((line) => line.includes("kms"))).toEqual([
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember fabric-key-user < fabric",
  ]);
  expect(find(done, CLUSTER, "fabric").inputs.databaseEncryption).toEqual({
    state: "ENCRYPTED",
    keyName: databaseKeyId,
  });
});

test("makes the same tree where nothing is known yet, and tells nothing then", async () => {
  const program = () => {
    const vpc = new Network("vpc", {});
    const diskKeyId = vpc.selfLink;
    const cluster = new GcpCluster("fabric", {
      network: {
        networkId: vpc.id,
        podRangeName: vpc.name,
        region: vpc.name,
        serviceRangeName: vpc.name,
        subnetworkId: vpc.id,
      },
      notificationTopic: vpc.id,
      project: vpc.project,
      systemPool: { diskKeyId },
    });
    new kubernetes.Provider("in-cluster", { kubeconfig: cluster.kubeconfig });
  };
  const known = await deploy(program, { outputsOf });
  const unknown = await deploy(program, { outputsOf, preview: true });
  expect(tree(unknown)).toEqual(tree(known));
  const provider = find(unknown, "pulumi:providers:kubernetes", "in-cluster");
  expect(reveal(provider.inputs.kubeconfig)).toBe(UNKNOWN);
});

test("is private and hardened", async () => {
  const { inputs } = find(await run(), CLUSTER, "fabric");
  expect(inputs).toMatchObject({
    name: "fabric",
    location: "europe-west1",
    network: network.networkId,
    subnetwork: network.subnetworkId,
    networkingMode: "VPC_NATIVE",
    ipAllocationPolicy: {
      clusterSecondaryRangeName: "pods",
      servicesSecondaryRangeName: "services",
      stackType: "IPV4",
    },
    privateClusterConfig: { enablePrivateEndpoint: true, enablePrivateNodes: true },
    controlPlaneEndpointsConfig: { dnsEndpointConfig: { allowExternalTraffic: false } },
    datapathProvider: "ADVANCED_DATAPATH",
    enableIntranodeVisibility: true,
    enableShieldedNodes: true,
    enableLegacyAbac: false,
    workloadIdentityConfig: { workloadPool: "p.svc.id.goog" },
    databaseEncryption: { state: "ENCRYPTED", keyName: "fabric-secrets-id" },
    masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
    anonymousAuthenticationConfig: { mode: "LIMITED" },
    rbacBindingConfig: {
      enableInsecureBindingSystemAuthenticated: false,
      enableInsecureBindingSystemUnauthenticated: false,
    },
    serviceExternalIpsConfig: { enabled: false },
    securityPostureConfig: { mode: "BASIC" },
    costManagementConfig: { enabled: true },
    removeDefaultNodePool: true,
    initialNodeCount: 1,
    releaseChannel: { channel: "REGULAR" },
    deletionProtection: true,
  });
  expect(inputs.masterAuthorizedNetworksConfig).toEqual({
    cidrBlocks: [],
    gcpPublicCidrsAccessEnabled: false,
    privateEndpointEnforcementEnabled: true,
  });
  // Autopilot gives no KVM; a version beside a channel would fight with it.
  expect(inputs).not.toHaveProperty("enableAutopilot");
  expect(inputs).not.toHaveProperty("minMasterVersion");
});

test("the default pool, while it lasts, and the system pool run as the baseline says", async () => {
  const done = await run();
  const baseline = {
    imageType: "COS_CONTAINERD",
    metadata: { "disable-legacy-endpoints": "true" },
    serviceAccount: "fabric-nodes@p.iam.gserviceaccount.com",
    shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    workloadMetadataConfig: { mode: "GKE_METADATA" },
  };
  expect(find(done, CLUSTER, "fabric").inputs.nodeConfig).toMatchObject(baseline);
  const { inputs } = find(done, POOL, "fabric-system");
  expect(inputs.nodeConfig).toMatchObject({
    ...baseline,
    machineType: "e2-standard-4",
    diskSizeGb: 50,
    taints: [
      { key: "components.gke.io/gke-managed-components", value: "true", effect: "NO_SCHEDULE" },
    ],
  });
  expect(inputs).toMatchObject({
    cluster: "fabric",
    location: "europe-west1",
    autoscaling: { totalMinNodeCount: 3, totalMaxNodeCount: 6, locationPolicy: "BALANCED" },
    management: { autoRepair: true, autoUpgrade: true },
    networkConfig: { enablePrivateNodes: true },
    upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
  });
});

test("nodes have a service account of their own, with five roles that write and pull", async () => {
  const done = await run();
  const grants = done.resources.filter(({ type }) => type === "gcp:projects/iAMMember:IAMMember");
  expect(grants.map(({ inputs }) => inputs.role).sort()).toEqual([
    "roles/artifactregistry.reader",
    "roles/logging.logWriter",
    "roles/monitoring.metricWriter",
    "roles/monitoring.viewer",
    "roles/stackdriver.resourceMetadata.writer",
  ]);
  expect(new Set(grants.map(({ inputs }) => inputs.member))).toEqual(
    new Set(["serviceAccount:fabric-nodes@p.iam.gserviceaccount.com"]),
  );
});

test("GKE may use the key before the cluster asks for it, nodes write before there are any", async () => {
  const done = await run();
  const cluster = find(done, CLUSTER, "fabric");
  const grants = [
    "fabric-nodes-images",
    "fabric-nodes-logs",
    "fabric-nodes-metadata",
    "fabric-nodes-metrics",
    "fabric-nodes-metrics-viewer",
  ];
  expect(cluster.dependsOn).toEqual(
    ["fabric-key-user", "fabric-nodes", "fabric-secrets", ...grants].sort(),
  );
  expect(find(done, POOL, "fabric-system").dependsOn).toEqual(
    ["fabric", "fabric-nodes", ...grants].sort(),
  );
  const grant = find(done, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", "fabric-key-user");
  expect(grant.inputs).toEqual({
    cryptoKeyId: "fabric-secrets-id",
    role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
    member: "serviceAccount:service-7@container-engine-robot.iam.gserviceaccount.com",
  });
});

test("the kubeconfig is secret, without credential, and there once the system pool is", async () => {
  const done = await run();
  const provider = find(done, "pulumi:providers:kubernetes", "in-cluster");
  expect(provider.dependsOn).toEqual(["fabric", "fabric-system"]);
  expect(isSecret(provider.inputs.kubeconfig)).toBe(true);
  const config = JSON.parse(reveal(provider.inputs.kubeconfig));
  expect(config.clusters[0].cluster).toEqual({
    server: "https://10.0.0.2",
    "certificate-authority-data": "Q0E=",
  });
  expect(config.users[0].user).toEqual({
    exec: {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "gke-gcloud-auth-plugin",
      args: [],
      installHint: "Run: gcloud components install gke-gcloud-auth-plugin",
      interactiveMode: "IfAvailable",
      provideClusterInfo: false,
    },
  });
});

test("whoever runs nodes as the service account keeps its grants until they are gone", async () => {
  const done = await deploy(
    () => {
      const { nodeServiceAccount } = new GcpCluster("fabric", { network });
      new Network("other", { description: nodeServiceAccount });
    },
    { outputsOf },
  );
  expect(find(done, "gcp:compute/network:Network", "other").dependsOn).toEqual([
    "fabric-nodes",
    "fabric-nodes-images",
    "fabric-nodes-logs",
    "fabric-nodes-metadata",
    "fabric-nodes-metrics",
    "fabric-nodes-metrics-viewer",
  ]);
});

test("says where it is, and no secret but the kubeconfig", async () => {
  const { kubeconfig, ...outputs } = (await run()).outputs.get("fabric") ?? {};
  expect(isSecret(kubeconfig)).toBe(true);
  expect(outputs).toEqual({
    certificateAuthorityData: "Q0E=",
    databaseKeyId: "fabric-secrets-id",
    endpoint: "https://10.0.0.2",
    kubernetesVersion: "1.36.3-gke.1640000",
    location: "europe-west1",
    name: "fabric",
    nodeServiceAccount: "fabric-nodes@p.iam.gserviceaccount.com",
    project: "p",
    workloadPool: "p.svc.id.goog",
  });
});

test("with a DNS endpoint the kubeconfig goes there, trusting public authorities", async () => {
  const done = await run({ dnsEndpoint: true });
  const { inputs } = find(done, CLUSTER, "fabric");
  expect(inputs.controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic).toBe(true);
  expect(inputs.privateClusterConfig.enablePrivateEndpoint).toBe(true);
  const provider = find(done, "pulumi:providers:kubernetes", "in-cluster");
  expect(JSON.parse(reveal(provider.inputs.kubeconfig)).clusters[0].cluster).toEqual({
    server: "https://gke-1.europe-west1.gke.goog",
  });
});

test("a public endpoint lets in its list alone", async () => {
  const done = await run({
    privateAccessCidrs: ["10.8.0.0/24"],
    publicAccessCidrs: ["203.0.113.0/24"],
  });
  const { inputs } = find(done, CLUSTER, "fabric");
  expect(inputs.privateClusterConfig.enablePrivateEndpoint).toBe(false);
  expect(inputs.masterAuthorizedNetworksConfig).toEqual({
    cidrBlocks: [
      { cidrBlock: "10.8.0.0/24", displayName: "private" },
      { cidrBlock: "203.0.113.0/24", displayName: "public" },
    ],
    gcpPublicCidrsAccessEnabled: false,
    privateEndpointEnforcementEnabled: true,
  });
});

test("a pinned version holds control plane and nodes, a channel is left to move them", async () => {
  const kubernetesVersion = "1.36.3-gke.1640000";
  const pinned = await run({ kubernetesVersion });
  const cluster = find(pinned, CLUSTER, "fabric");
  expect(cluster.inputs).toMatchObject({
    minMasterVersion: kubernetesVersion,
    releaseChannel: { channel: "UNSPECIFIED" },
  });
  const pool = find(pinned, POOL, "fabric-system");
  expect(pool.inputs).toMatchObject({
    version: kubernetesVersion,
    management: { autoRepair: true, autoUpgrade: false },
  });
  expect([cluster.ignoreChanges, pool.ignoreChanges]).toEqual([
    ["initialNodeCount", "nodeConfig", "nodePools", "nodeVersion"],
    ["initialNodeCount", "nodeCount"],
  ]);
  const moved = await run({ releaseChannel: GkeReleaseChannel.Stable });
  expect(find(moved, CLUSTER, "fabric").ignoreChanges).toEqual([
    "initialNodeCount",
    "nodeConfig",
    "nodePools",
    "minMasterVersion",
    "nodeVersion",
  ]);
  expect(find(moved, POOL, "fabric-system").ignoreChanges).toContain("version");
});

test("a pinned version is asked for its step, a channel's is not", async () => {
  const hooksOf = async (args: Partial<GcpClusterArgs>) => {
    const hooks: string[] = [];
    await deploy(
      () => {
        const monitor: any = pulumi.runtime.getMonitor();
        monitor.registerResourceHook = (request: any, callback: any) => {
          hooks.push(request.getName());
          callback(null, {});
        };
        new GcpCluster("fabric", { network, ...args });
      },
      { outputsOf },
    );
    return hooks;
  };
  expect(await hooksOf({})).toEqual([]);
  expect(await hooksOf({ kubernetesVersion: "1.36.3-gke.1640000" })).toEqual([
    "GcpCluster:fabric:one-minor-upgrade",
  ]);
});

test("cluster and key are guarded, in the provider too, until that is switched off", async () => {
  const guarded = (done: Deployment) =>
    done.resources.filter(({ protect }) => protect).map(({ name }) => name);
  expect(guarded(await run()).sort()).toEqual(["fabric", "fabric-keys", "fabric-secrets"]);
  const open = await run({ deletionProtection: false });
  expect(guarded(open)).toEqual([]);
  expect(find(open, CLUSTER, "fabric").inputs.deletionProtection).toBe(false);
});

test("ring and key are named by Pulumi: Google Cloud never deletes them", async () => {
  const done = await run();
  const ring = find(done, "gcp:kms/keyRing:KeyRing", "fabric-keys").inputs;
  const key = find(done, "gcp:kms/cryptoKey:CryptoKey", "fabric-secrets").inputs;
  expect([ring.name, key.name]).toEqual([undefined, undefined]);
  expect(key.rotationPeriod).toBe("7776000s");
});

test("what GKE cannot change on the system pool changes its name, and nothing else does", async () => {
  const nameOf = async (systemPool: GcpClusterArgs["systemPool"]) =>
    find(await run({ systemPool }), POOL, "fabric-system").inputs.name;
  const name = await nameOf({});
  expect(name).toMatch(/^system-[0-9a-f]{8}$/);
  expect(await nameOf({ machineType: "n2-standard-4", diskGib: 100, maxNodes: 9 })).toBe(name);
  const others = [await nameOf({ maxPodsPerNode: 32 }), await nameOf({ diskKeyId: "key" })];
  expect(new Set([name, ...others]).size).toBe(3);
});

test("refuses bad arguments before anything is made", async () => {
  const done = await deploy(() => {
    expect(() => new GcpCluster("fabric", { network, publicAccessCidrs: [] })).toThrow(
      'GcpCluster "fabric" has 1 fault:',
    );
  });
  expect(made(done)).toEqual(["kvm-fabric:index:GcpCluster fabric < stack"]);
});
