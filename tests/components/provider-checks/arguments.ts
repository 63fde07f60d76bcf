import { AksOutbound, AksPrincipalType, AksRole } from "../../../components/cluster/azure/args";
import { ConsulRole } from "../../../components/consul/args";
import { KvmAccess } from "../../../components/kvm-node-pool/catalogue/machine";
import { Zone } from "../../../components/namespaces/flows";
import { NatMode } from "../../../components/network/nat-mode";
import { TaintEffect } from "../../../components/shared/kvm-nodes";
import { Isolation, Vmm } from "../../../components/worker/vmm";
import {
  haCluster,
  HOST_KEY,
  PRIVATE_KEY,
  singleHost,
  SUM,
} from "../../unit/components/cluster/bare-metal/hosts";
import {
  leastPostgres,
  leastRedis,
  wholePostgres,
  wholeRedis,
} from "../../unit/components/data-store/arguments";
import {
  everything as wholeApiGateway,
  least as apiGateway,
} from "../../unit/components/api-gateway/arguments";
import { least as awsCluster } from "../../unit/components/cluster/aws/least";
import { awsLeast, azureLeast, gcpLeast } from "../../unit/components/kvm-node-pool/least";
import {
  awsLeast as awsUploader,
  azureLeast as azureUploader,
  gcpLeast as gcpUploader,
  kubernetesLeast,
} from "../../unit/components/trace-uploader/least";
import { storesAndQueen } from "./stores-and-queen";
import { awsWhole, azureWhole, gcpWhole, kubernetesWhole } from "../trace-uploader/whole";

const digest = (name: string) => `registry.example/${name}@sha256:${"a".repeat(64)}`;
const file = (name: string) => ({ url: `https://example.com/${name}`, sha256: SUM });
const assets = {
  vmm: file("firecracker"),
  jailer: file("jailer"),
  kernel: file("vmlinux"),
  rootfs: file("rootfs"),
};
const tags = { team: "fabric" };
const taints = [{ key: "example.com/gpu", value: "a", effect: TaintEffect.NoSchedule }];
const access = { privateKey: PRIVATE_KEY };
const kmsKey = "arn:aws:kms:eu-central-1:123456789012:key/1";
const group = "/subscriptions/s/resourceGroups/g/providers";
const admins = ["11111111-1111-1111-1111-111111111111"];
const warm = { image: digest("pause"), namespace: "services", nodes: 1 };
const nested = {
  name: "nested",
  kvm: KvmAccess.Nested,
  instanceFamilies: ["m8i"],
  image: "al2023@v20260801",
};
const azureNetwork = {
  location: "westeurope",
  nodeSubnetId: `${group}/Microsoft.Network/virtualNetworks/fabric/subnets/nodes`,
  resourceGroupName: "g",
  vnetCidr: "10.0.0.0/16",
  vnetId: `${group}/Microsoft.Network/virtualNetworks/fabric`,
};
const gcpNetwork = {
  networkId: "projects/p/global/networks/fabric",
  podRangeName: "pods",
  region: "europe-west1",
  serviceRangeName: "services",
  subnetworkId: "projects/p/regions/europe-west1/subnetworks/fabric",
};
const consumer = { name: "workers", namespace: "nodes", role: ConsulRole.Worker };
const bareMetal = {
  access,
  agentToken: "agent-token-value",
  apiAddress: "10.0.0.100",
  cni: "cilium",
  encryption: "none",
  kubernetesVersion: "v1.36.3+k3s1",
  serverAddress: "10.0.0.1",
  serverHostKey: HOST_KEY,
  serverPort: 22,
  serverUser: "root",
};

/** Of each component the least arguments, then what brings as many of its resources and properties along as go together. */
export const argumentsOf: Readonly<Record<string, readonly [object, object]>> = {
  ...storesAndQueen,
  ApiGateway: [apiGateway, { ...apiGateway, ...wholeApiGateway }],
  AwsCluster: [
    awsCluster,
    {
      ...awsCluster,
      encryptionKeyArn: kmsKey,
      irsa: true,
      kubeconfigRoleArn: "arn:aws:iam::123456789012:role/user",
      privateAccessCidrs: ["192.0.2.0/24"],
      publicAccessCidrs: ["198.51.100.0/24"],
      servicesPool: { ...awsCluster.systemPool, sessionManager: true },
      tags,
    },
  ],
  AwsClusterAutoscaler: [
    { cluster: awsLeast.cluster },
    { cluster: awsLeast.cluster, settings: { replicas: 3 }, tags },
  ],
  AwsKvmNodePool: [
    awsLeast,
    {
      ...awsLeast,
      capacityReservationId: "cr-1",
      detailedMonitoring: true,
      diskKmsKeyArn: kmsKey,
      instanceRefresh: { minHealthyPercentage: 80 },
      instanceTypes: ["m7i.metal-24xl"],
      labels: tags,
      maxInstanceLifetimeDays: 30,
      maxNodes: 4,
      placementGroupName: "group",
      securityGroupIds: ["sg-1"],
      ssm: true,
      tags,
      taints,
      vpcCniPolicy: true,
      warmPool: { minNodes: 2 },
    },
  ],
  AwsNetwork: [
    { zones: ["eu-central-1a", "eu-central-1b"] },
    {
      zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
      flowLogs: { encryptionKeyArn: kmsKey, retentionDays: 365 },
      interfaceEndpoints: ["ec2", "sts"],
      natMode: NatMode.PerZone,
      tags,
    },
  ],
  AwsTraceUploader: [awsUploader, awsWhole],
  AzureCluster: [
    { adminGroupObjectIds: admins, kubernetesVersion: "1.36.2", network: azureNetwork },
    {
      access: [
        {
          name: "deployer",
          principalId: "22222222-2222-2222-2222-222222222222",
          principalType: AksPrincipalType.ServicePrincipal,
          role: AksRole.ClusterAdmin,
        },
      ],
      adminGroupObjectIds: admins,
      defender: true,
      diskEncryptionSetId: `${group}/Microsoft.Compute/diskEncryptionSets/disks`,
      egressCidrs: ["203.0.113.0/31"],
      etcdKey: {
        keyId: "https://vault.vault.azure.net/keys/etcd/0123456789abcdef0123456789abcdef",
        keyVaultId: `${group}/Microsoft.KeyVault/vaults/vault`,
      },
      kubernetesVersion: "1.36.2",
      location: "westeurope",
      logs: { workspaceId: `${group}/Microsoft.OperationalInsights/workspaces/logs` },
      managementLock: true,
      network: azureNetwork,
      outbound: AksOutbound.NatGateway,
      publicAccessCidrs: ["198.51.100.0/24"],
      resourceGroupName: "other",
      servicesPool: { maxNodes: 9 },
      tags,
    },
  ],
  AzureKvmNodePool: [
    azureLeast,
    {
      ...azureLeast,
      hostProfile: { sysctls: { "vm.max_map_count": "200000" } },
      maxNodes: 5,
      spot: { maxPricePerHour: 1 },
      tags,
      taints,
      version: "1.36.2",
    },
  ],
  AzureNetwork: [
    {},
    {
      apiServerSubnet: true,
      flowLogs: {
        storageAccountId: `${group}/Microsoft.Storage/storageAccounts/logs`,
        networkWatcherName: "watcher",
        networkWatcherResourceGroupName: "watchers",
      },
      location: "westeurope",
      natMode: NatMode.PerZone,
      publicPorts: [443],
      resourceGroupName: "mine",
      tags,
    },
  ],
  AzureTraceUploader: [azureUploader, azureWhole],
  BareMetalCluster: [
    singleHost(),
    haCluster({
      access: { ...access, privateKeyPassword: "word" },
      snapshots: {
        s3: { accessKey: "key", bucket: "snapshots", endpoint: "s3.example", secretKey: "secret" },
      },
      tlsSans: ["fabric.example"],
    }),
  ],
  BareMetalKvmNodePool: [
    {
      access,
      cluster: bareMetal,
      hosts: [{ name: "metal-1", address: "10.0.0.21", hostKey: HOST_KEY }],
      release: haCluster().release,
    },
    {
      access,
      cluster: { ...bareMetal, encryption: "wireguard" },
      hosts: ["metal-1", "metal-2"].map((name, index) => ({
        ...{ name, address: `10.0.0.${21 + index}`, hostKey: HOST_KEY, zone: "a" },
        publicAddress: `198.51.100.${index + 1}`,
      })),
      labels: tags,
      release: haCluster().release,
      taints,
    },
  ],
  ClusterAutoscaler: [
    { address: "machines.example.com:8086", tlsSecretName: "machines" },
    { address: "machines.example.com:8086", tlsSecretName: "machines", settings: { replicas: 3 } },
  ],
  Consul: [
    { image: digest("consul"), namespace: "consul" },
    {
      consumers: [consumer, { name: "api", namespace: "api", role: ConsulRole.Gateway }],
      image: digest("consul"),
      namespace: "consul",
      priorityClassName: "mine",
      servers: 5,
      snapshots: { storageClass: "slow" },
      storageClass: "fast",
    },
  ],
  GcpCluster: [
    { network: gcpNetwork },
    {
      binaryAuthorization: true,
      databaseKeyId: "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k",
      dnsEndpoint: true,
      labels: tags,
      network: gcpNetwork,
      notificationTopic: "projects/p/topics/upgrades",
      privateAccessCidrs: ["192.0.2.0/24"],
      project: "p",
      publicAccessCidrs: ["198.51.100.0/24"],
      securityGroup: "gke-security-groups@example.com",
      servicesPool: { diskKeyId: "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k" },
    },
  ],
  GcpKvmNodePool: [
    gcpLeast,
    {
      ...gcpLeast,
      bootDiskKmsKey: "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k",
      hostProfile: { sysctls: { "vm.max_map_count": "200000" } },
      labels: tags,
      maxNodes: 6,
      networkTags: ["kvm"],
      serviceAccount: "nodes@p.iam.gserviceaccount.com",
      spot: true,
      tags,
      taints,
    },
  ],
  GcpNetwork: [
    { region: "europe-west1" },
    {
      region: "europe-west1",
      flowLogs: { sampling: 1 },
      project: "p",
      reservedCidrs: ["10.64.0.0/16"],
    },
  ],
  GcpTraceUploader: [gcpUploader, gcpWhole],
  Karpenter: [
    { cluster: awsLeast.cluster, pools: [nested] },
    {
      cluster: awsLeast.cluster,
      isolatedVpc: true,
      pools: [
        { ...nested, volume: { kmsKeyArn: kmsKey }, userData: "#!/bin/sh\n" },
        {
          ...{ name: "metal", kvm: KvmAccess.Metal, instanceFamilies: ["m7i"], warm },
          image: "bottlerocket@v1.40.0",
        },
      ],
      securityGroupTags: { "example.com/nodes": "yes" },
      subnetTags: { "example.com/nodes": "yes" },
      tags,
    },
  ],
  KarpenterNodePools: [
    { pools: [{ name: "kvm", aks: { sizes: ["Standard_D8s_v5"] } }] },
    {
      pools: [
        {
          name: "kvm",
          aks: { sizes: ["Standard_D8s_v5"], subnetId: azureNetwork.nodeSubnetId, tags },
          warm,
        },
      ],
    },
  ],
  Namespaces: [
    {},
    {
      flows: [
        {
          from: { zone: Zone.Services, app: "gateway" },
          to: { zone: Zone.Agents, app: "worker" },
          ports: [{ port: 9000 }],
        },
      ],
      nodeCidrs: ["10.0.0.0/16"],
    },
  ],
  NodeProvisioner: [
    { assets: { amd64: assets }, image: digest("curl"), namespace: "agents" },
    {
      assets: { amd64: assets, arm64: assets },
      image: digest("curl"),
      namespace: "agents",
      priorityClassName: "system-node-critical",
      tolerations: [{ key: "example.com/gpu", operator: "Exists" }],
    },
  ],
  Postgres: [leastPostgres, wholePostgres],
  Redis: [leastRedis, wholeRedis],
  TraceUploader: [kubernetesLeast, kubernetesWhole],
  WorkerDaemonSet: [
    { assetSet: "assets-1", image: digest("worker"), namespace: "agents" },
    {
      assetSet: "assets-1",
      consul: {
        address: "https://consul.consul.svc:8501",
        caCertificate: "PEM",
        datacenter: "dc1",
        tokenSecretName: "workers-token",
      },
      environment: { MODE: "worker" },
      environmentSecrets: [{ name: "KEY", secretKey: "key", secretName: "keys" }],
      image: digest("worker"),
      guestNetwork: { blocked: ["10.0.0.0/8"], guestPorts: [8080], taps: 4 },
      isolation: Isolation.Jailer,
      minAvailable: 2,
      namespace: "agents",
      vmm: Vmm.Firecracker,
    },
  ],
};
