import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "@pulumi/gcp/container/cluster";
import type { Account } from "@pulumi/gcp/serviceaccount/account";
import { after } from "../../shared/after";
import { requirePlan } from "../../shared/require-plan";
import { renderKubeconfig } from "../kubeconfig";
import type { GcpClusterArgs } from "./args";
import { createControlPlane } from "./control-plane";
import { createDatabaseKey } from "./keys";
import { createNodeIdentity } from "./nodes";
import { type GcpClusterPlan, planGcpCluster } from "./plan";
import { createPool } from "./pools";

/**
 * A regional GKE Standard cluster, private and hardened. Autopilot gives no machine that runs KVM: there is no option
 * for it.
 *
 * Creates, under its logical name `NAME`: the control plane `NAME` (Dataplane V2, Workload Identity, shielded nodes,
 * Secrets encrypted with a Cloud KMS key), unless a key is given `NAME-keys` and `NAME-secrets`, GKE's service agent
 * `NAME-gke-agent` with its grant `NAME-key-user`, the nodes' service account `NAME-nodes` with its five grants
 * `NAME-nodes-ROLE`, the pool `NAME-system`, which only what GKE brings along runs on, and with `servicesPool` the pool
 * `NAME-services` for ordinary pods.
 *
 * It costs GKE's fee for a cluster, three to six e2-standard-4 with 50 GiB each, as many more with `servicesPool`, a key,
 * and by volume logs and metrics.
 *
 * ```typescript
 * const network = new GcpNetwork("fabric", { region: "europe-west1" });
 * const cluster = new GcpCluster("fabric", { network, privateAccessCidrs: ["10.8.0.0/24"] });
 * const provider = new kubernetes.Provider("fabric", { kubeconfig: cluster.kubeconfig, clusterIdentifier: "fabric" });
 * ```
 *
 * The component itself is a `GcpClusterRef`. Whoever runs the program is the cluster's administrator through IAM
 * (`roles/container.admin`); `kubeconfig` holds no credential and needs `gke-gcloud-auth-plugin`. It is only there
 * once the pools are, so what is made through it goes before the nodes do.
 *
 * GKE takes five operations at a time, and one that touches the control plane alone: give pools `dependsOn` the pool
 * before where there are more. A grant for a key may take minutes until it holds: where the first `up` then fails,
 * run it again. A pinned version goes up by one minor at a time, control plane before nodes.
 *
 * Not for a zonal or an Autopilot cluster, nor for a Shared VPC without `roles/container.hostServiceAgentUser`, which
 * the host project has to grant.
 */
export class GcpCluster extends pulumi.ComponentResource {
  /** The certificate of the cluster's authority: PEM in base64. Empty with `dnsEndpoint`: a public one signed that. */
  public readonly certificateAuthorityData: pulumi.Output<string>;
  /** Id of the Cloud KMS key of the cluster's Secrets. */
  public readonly databaseKeyId: pulumi.Output<string>;
  /** URL of the API server. */
  public readonly endpoint: pulumi.Output<string>;
  /** Kubeconfig without a credential; there once the pools are. Secret. */
  public readonly kubeconfig: pulumi.Output<string>;
  /** Version of the control plane. */
  public readonly kubernetesVersion: pulumi.Output<string>;
  /** Region of the cluster. */
  public readonly location: pulumi.Output<string>;
  /** Name of the cluster. */
  public readonly name: pulumi.Output<string>;
  /** E-mail address of the nodes' service account: other pools use it too. */
  public readonly nodeServiceAccount: pulumi.Output<string>;
  /** Id of the project. */
  public readonly project: pulumi.Output<string>;
  /** Workload Identity pool, `PROJECT.svc.id.goog`. */
  public readonly workloadPool: pulumi.Output<string>;

  constructor(name: string, args: GcpClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-fabric:index:GcpCluster", name, args, opts);
    const plan = requirePlan("GcpCluster", name, planGcpCluster(name, args));
    for (const warning of plan.warnings) void pulumi.log.warn(warning, this);

    const { account, grants } = createNodeIdentity(this, plan);
    const key = createDatabaseKey(this, plan);
    const cluster = createControlPlane(this, plan, key, account, grants);
    const pools = createPools(this, plan, cluster, account, grants);

    const access = apiServer(plan, cluster);
    this.certificateAuthorityData = access.certificateAuthorityData;
    this.databaseKeyId = pulumi.output(key.id);
    this.endpoint = access.endpoint;
    this.kubeconfig = kubeconfig(plan, access, pools);
    this.kubernetesVersion = cluster.masterVersion;
    this.location = cluster.location;
    this.name = cluster.name;
    // Whoever runs nodes by it needs its grants as long as they run.
    this.nodeServiceAccount = after(account.email, grants);
    this.project = cluster.project;
    this.workloadPool = pulumi.interpolate`${account.project}.svc.id.goog`;
    this.registerOutputs({
      certificateAuthorityData: this.certificateAuthorityData,
      databaseKeyId: this.databaseKeyId,
      endpoint: this.endpoint,
      kubeconfig: this.kubeconfig,
      kubernetesVersion: this.kubernetesVersion,
      location: this.location,
      name: this.name,
      nodeServiceAccount: this.nodeServiceAccount,
      project: this.project,
      workloadPool: this.workloadPool,
    });
  }
}

/** One after the other: GKE takes few operations on a cluster at a time, and others' pools are made meanwhile. */
function createPools(
  parent: GcpCluster,
  plan: GcpClusterPlan,
  cluster: Cluster,
  account: Account,
  grants: pulumi.Resource[],
): pulumi.Resource[] {
  const system = createPool(parent, plan, plan.systemPool, cluster, account, grants);
  if (plan.servicesPool === undefined) return [system];
  const before = [...grants, system];
  return [system, createPool(parent, plan, plan.servicesPool, cluster, account, before)];
}

/** Where the API server answers, and who signed its certificate. */
interface ApiServer {
  certificateAuthorityData: pulumi.Output<string>;
  endpoint: pulumi.Output<string>;
}

/** The DNS endpoint's certificate is of a public authority; the cluster's own, which is public too, signed the other. */
function apiServer({ dnsEndpoint }: GcpClusterPlan, cluster: Cluster): ApiServer {
  if (dnsEndpoint) {
    const host = cluster.controlPlaneEndpointsConfig.apply(
      ({ dnsEndpointConfig }) => dnsEndpointConfig.endpoint,
    );
    return {
      certificateAuthorityData: pulumi.output(""),
      endpoint: pulumi.interpolate`https://${host}`,
    };
  }
  const authority = cluster.masterAuth.apply(({ clusterCaCertificate }) => clusterCaCertificate);
  return {
    // The SDK marks all of `masterAuth` secret for the sake of a client key that is never issued here.
    certificateAuthorityData: pulumi.unsecret(authority),
    endpoint: pulumi.interpolate`https://${cluster.endpoint}`,
  };
}

function kubeconfig(
  { clusterName }: GcpClusterPlan,
  { certificateAuthorityData, endpoint }: ApiServer,
  pools: pulumi.Resource[],
): pulumi.Output<string> {
  const rendered = pulumi.all([certificateAuthorityData, endpoint]).apply(([authority, url]) =>
    renderKubeconfig({
      name: clusterName,
      endpoint: url,
      certificateAuthorityData: authority,
      exec: {
        command: "gke-gcloud-auth-plugin",
        args: [],
        installHint: "Run: gcloud components install gke-gcloud-auth-plugin",
      },
    }),
  );
  return pulumi.secret(after(rendered, pools));
}
