import { interpolate, type Resource, type ResourceHook } from "@pulumi/pulumi";
import { Cluster, type ClusterArgs } from "@pulumi/gcp/container/cluster";
import type { Account } from "@pulumi/gcp/serviceaccount/account";
import { oneMinorUpgrade } from "../upgrade-hook";
import type { DatabaseKey } from "./keys";
import type { GcpClusterPlan } from "./plan";
import { nodeBaseline } from "./pools";

/** Events that are worth a message; what else GKE sends is noise. */
const EVENTS = ["UPGRADE_AVAILABLE_EVENT", "UPGRADE_EVENT", "SECURITY_BULLETIN_EVENT"];

/**
 * Creates the control plane. Its default pool, which GKE insists on, is gone before this returns; until then it
 * runs as the other nodes do, so that an organisation's policies find nothing.
 */
export function createControlPlane(
  parent: Resource,
  plan: GcpClusterPlan,
  key: DatabaseKey,
  account: Account,
  dependsOn: Resource[],
): Cluster {
  return new Cluster(
    plan.name,
    {
      ...identity(plan),
      ...networking(plan),
      ...endpoints(plan),
      ...security(plan, key, account),
      ...releases(plan),
      ...observability(plan),
      initialNodeCount: 1,
      nodeConfig: {
        ...nodeBaseline(account),
        bootDiskKmsKey: plan.systemPool.diskKeyId,
        diskSizeGb: 20,
        resourceLabels: plan.labels,
      },
      nodeLocations: plan.nodeZones,
      removeDefaultNodePool: true,
    },
    {
      parent,
      dependsOn: [key.grant, ...dependsOn],
      ignoreChanges: clusterDrift(plan),
      protect: plan.deletionProtection,
      hooks: { beforeUpdate: updateHooks(plan) },
    },
  );
}

/** A channel takes its own steps. */
function updateHooks({ kubernetesVersion, name }: GcpClusterPlan): ResourceHook[] {
  const version = { input: "minMasterVersion", output: "masterVersion" };
  return kubernetesVersion === undefined ? [] : oneMinorUpgrade("GcpCluster", name, version);
}

/** What others change: the default pool's nodes are gone, pools are resources of their own, a channel moves versions. */
function clusterDrift({ kubernetesVersion }: GcpClusterPlan): string[] {
  const pools = ["initialNodeCount", "nodeConfig", "nodePools"];
  return kubernetesVersion === undefined
    ? [...pools, "minMasterVersion", "nodeVersion"]
    : [...pools, "nodeVersion"];
}

function identity(plan: GcpClusterPlan) {
  return {
    name: plan.clusterName,
    deletionProtection: plan.deletionProtection,
    location: plan.network.region,
    project: plan.project,
    resourceLabels: plan.labels,
  } satisfies ClusterArgs;
}

function networking({ network }: GcpClusterPlan) {
  return {
    addonsConfig: {
      dnsCacheConfig: { enabled: true },
      gcePersistentDiskCsiDriverConfig: { enabled: true },
    },
    datapathProvider: "ADVANCED_DATAPATH",
    enableIntranodeVisibility: true,
    enableL4IlbSubsetting: true,
    gatewayApiConfig: { channel: "CHANNEL_STANDARD" },
    ipAllocationPolicy: {
      clusterSecondaryRangeName: network.podRangeName,
      servicesSecondaryRangeName: network.serviceRangeName,
      stackType: "IPV4",
    },
    network: network.networkId,
    networkingMode: "VPC_NATIVE",
    // Anybody who may write a Service could otherwise draw traffic of any address to a pod (CVE-2020-8554).
    serviceExternalIpsConfig: { enabled: false },
    subnetwork: network.subnetworkId,
  } satisfies ClusterArgs;
}

function endpoints(plan: GcpClusterPlan) {
  return {
    controlPlaneEndpointsConfig: {
      dnsEndpointConfig: { allowExternalTraffic: plan.dnsEndpoint },
      ipEndpointsConfig: { enabled: true },
    },
    masterAuthorizedNetworksConfig: {
      cidrBlocks: plan.authorizedNetworks,
      gcpPublicCidrsAccessEnabled: false,
      privateEndpointEnforcementEnabled: true,
    },
    privateClusterConfig: {
      enablePrivateEndpoint: !plan.publicEndpoint,
      enablePrivateNodes: true,
      masterGlobalAccessConfig: { enabled: false },
    },
  } satisfies ClusterArgs;
}

function security(plan: GcpClusterPlan, key: DatabaseKey, account: Account) {
  const { binaryAuthorization, securityGroup } = plan;
  return {
    anonymousAuthenticationConfig: { mode: "LIMITED" },
    authenticatorGroupsConfig: securityGroup === undefined ? undefined : { securityGroup },
    binaryAuthorization: {
      evaluationMode: binaryAuthorization ? "PROJECT_SINGLETON_POLICY_ENFORCE" : "DISABLED",
    },
    databaseEncryption: { state: "ENCRYPTED", keyName: key.id },
    enableLegacyAbac: false,
    enableShieldedNodes: true,
    masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
    nodePoolDefaults: {
      nodeConfigDefaults: { insecureKubeletReadonlyPortEnabled: "FALSE" },
    },
    rbacBindingConfig: {
      enableInsecureBindingSystemAuthenticated: false,
      enableInsecureBindingSystemUnauthenticated: false,
    },
    securityPostureConfig: { mode: "BASIC", vulnerabilityMode: "VULNERABILITY_DISABLED" },
    workloadIdentityConfig: { workloadPool: interpolate`${account.project}.svc.id.goog` },
  } satisfies ClusterArgs;
}

function releases(plan: GcpClusterPlan) {
  return {
    maintenancePolicy: {
      recurringWindow: plan.window,
      maintenanceExclusions: plan.exclusions,
    },
    minMasterVersion: plan.kubernetesVersion,
    releaseChannel: { channel: plan.releaseChannel },
  } satisfies ClusterArgs;
}

function observability(plan: GcpClusterPlan) {
  const { logComponents, managedPrometheus, notificationTopic } = plan;
  return {
    costManagementConfig: { enabled: true },
    loggingConfig: { enableComponents: logComponents },
    monitoringConfig: {
      advancedDatapathObservabilityConfig: { enableMetrics: true, enableRelay: true },
      enableComponents: ["SYSTEM_COMPONENTS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"],
      managedPrometheus: { enabled: managedPrometheus },
    },
    notificationConfig:
      notificationTopic === undefined
        ? undefined
        : {
            pubsub: {
              enabled: true,
              filter: { eventTypes: EVENTS },
              topic: notificationTopic,
            },
          },
  } satisfies ClusterArgs;
}
