import type * as eks from "@pulumi/aws/eks";
import * as pulumi from "@pulumi/pulumi";
import { after } from "../../shared/after";
import { requirePlan } from "../../shared/require-plan";
import { renderKubeconfig } from "../kubeconfig";
import { createAccess } from "./access";
import { createAddOns, createIdentities } from "./add-ons";
import type { AwsClusterArgs } from "./args";
import { parseClusterArn } from "./arn";
import { createControlPlane, createOidcProvider } from "./control-plane";
import { type AwsClusterPlan, planAwsCluster } from "./plan";
import { createPool } from "./pools";
import { awsNetworkRef } from "./refs";

/**
 * An EKS cluster for a fabric: private, with access entries alone, encrypted, logged, and with a small tainted pool for
 * what the cluster itself needs, so that Karpenter never runs on nodes of its own.
 *
 * Creates, under its logical name `NAME`: the cluster `NAME`; its key, alias and key policy `NAME-key`; its log group
 * `NAME-logs`; the tag `NAME-discovery` on its security group; a rule `NAME-api-from-RANGE` for each private range; entry
 * and policy `NAME-access-ENTRY`; the add-ons `NAME-vpc-cni`, `NAME-kube-proxy`, `NAME-eks-pod-identity-agent`,
 * `NAME-coredns` and `NAME-aws-ebs-csi-driver`; the roles `NAME-cluster`, `NAME-cni`, `NAME-ebs-csi` and `NAME-system`
 * with their policies; launch template and node group `NAME-system`; with `servicesPool` role, launch template and node
 * group `NAME-services`; with `irsa` the provider `NAME-oidc`.
 * It costs the control plane's hourly fee, a KMS key, the logs, two `m6i.large` with 50 GiB each, and three more with
 * `servicesPool`.
 *
 * ```typescript
 * const cluster = new AwsCluster("fabric", {
 *   network, kubernetesVersion: "1.36", addOns: { vpcCni: "v1.22.4-eksbuild.3", ... },
 *   systemPool: { releaseVersion: "1.36.2-20260812" },
 *   accessEntries: [{ name: "deployer", principalArn: role, policy: AwsAccessPolicy.ClusterAdmin }],
 * });
 * new Provider("fabric", { kubeconfig: cluster.kubeconfig, clusterIdentifier: cluster.arn });
 * new AwsKvmNodePool("kvm", { cluster: awsClusterRef(cluster), ... });
 * ```
 *
 * Order is carried by the outputs. `kubeconfig` is there once pods run: after access entries, pools and add-ons.
 * What a provider made from it creates therefore comes after them, and goes before them on destroy. All others but
 * `arn` are there once nodes can join: after the CNI, kube-proxy and the Pod Identity agent. Give the provider a
 * `clusterIdentifier`, or a change of the kubeconfig replaces every object.
 *
 * An upgrade goes up by one minor version, control plane first: a skip is refused at the preview by comparing with the
 * version in the stack's state, and by EKS in any case. A new name, range of Services or key replaces the cluster, which
 * `deletionProtection` refuses.
 *
 * Not for Auto Mode, Fargate, IPv6 or Outposts, and not for microVMs: those run on nodes of a KVM pool or of Karpenter.
 */
export class AwsCluster extends pulumi.ComponentResource {
  /** ARN of the cluster. */
  public readonly arn: pulumi.Output<string>;
  /** The certificate of the cluster's authority: PEM in base64. Public. */
  public readonly certificateAuthorityData: pulumi.Output<string>;
  /** Id of the security group of control plane and nodes. */
  public readonly clusterSecurityGroupId: pulumi.Output<string>;
  /** URL of the API server. */
  public readonly endpoint: pulumi.Output<string>;
  /** Kubeconfig that gets a token from the `aws` program, for the user's own identity or `kubeconfigRoleArn`. Secret. */
  public readonly kubeconfig: pulumi.Output<string>;
  /** Minor version of the control plane. */
  public readonly kubernetesVersion: pulumi.Output<string>;
  /** Name of the cluster. */
  public readonly name: pulumi.Output<string>;
  /** URL of the issuer of the service accounts' tokens. */
  public readonly oidcIssuer: pulumi.Output<string>;
  /** ARN of the IAM OpenID Connect provider; empty without `irsa`. */
  public readonly oidcProviderArn: pulumi.Output<string>;
  /** Range of the Services' addresses. */
  public readonly serviceCidr: pulumi.Output<string>;
  /** Name of the IAM role of the system pool's nodes. */
  public readonly systemNodeRoleName: pulumi.Output<string>;

  constructor(name: string, args: AwsClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    // The engine makes nothing below a component before it knows the component's inputs, and neither key, log group nor
    // roles need wait for a network.
    super("kvm-fabric:index:AwsCluster", name, { ...args, network: undefined }, opts);
    const own = { ...args, network: awsNetworkRef(args.network) };
    const plan = requirePlan("AwsCluster", name, planAwsCluster(name, own, new Date()));
    for (const warning of plan.warnings) void pulumi.log.warn(warning, this);

    const { cluster, reach, securityGroupId } = createControlPlane(this, plan);
    const access = createAccess(this, plan, cluster);
    const identities = createIdentities(this, plan, cluster);
    const { afterCompute, beforeCompute } = plan.addOns;
    const early = createAddOns(this, plan, cluster, { addOns: beforeCompute, identities });
    const joinable = [...early, ...reach];
    const beforeNodes = [...joinable, ...access];
    const system = createPool(this, plan, plan.systemPool, cluster, beforeNodes);
    const services = createServicesPool(this, plan, cluster, beforeNodes);
    const late = createAddOns(this, plan, cluster, { addOns: afterCompute, identities }, [
      system.nodeGroup,
    ]);
    const usable = [...beforeNodes, system.nodeGroup, ...services, ...late];

    this.arn = cluster.arn;
    this.certificateAuthorityData = after(cluster.certificateAuthority.data, joinable);
    this.clusterSecurityGroupId = after(securityGroupId, joinable);
    this.endpoint = after(cluster.endpoint, joinable);
    this.kubeconfig = after(kubeconfig(plan, cluster), usable);
    this.kubernetesVersion = after(cluster.version, joinable);
    this.name = after(cluster.name, joinable);
    this.oidcIssuer = issuer(cluster);
    const [provider] = createOidcProvider(this, plan, this.oidcIssuer);
    this.oidcProviderArn = provider?.arn ?? pulumi.output("");
    this.serviceCidr = after(plan.serviceCidr, joinable);
    this.systemNodeRoleName = system.nodeRoleName;
    this.registerOutputs(outputsOf(this));
  }
}

/** Untainted nodes for ordinary pods, where they were asked for. */
function createServicesPool(
  parent: AwsCluster,
  plan: AwsClusterPlan,
  cluster: eks.Cluster,
  before: pulumi.Resource[],
): pulumi.Resource[] {
  if (plan.servicesPool === undefined) return [];
  return [createPool(parent, plan, plan.servicesPool, cluster, before).nodeGroup];
}

function outputsOf(cluster: AwsCluster) {
  return {
    arn: cluster.arn,
    certificateAuthorityData: cluster.certificateAuthorityData,
    clusterSecurityGroupId: cluster.clusterSecurityGroupId,
    endpoint: cluster.endpoint,
    kubeconfig: cluster.kubeconfig,
    kubernetesVersion: cluster.kubernetesVersion,
    name: cluster.name,
    oidcIssuer: cluster.oidcIssuer,
    oidcProviderArn: cluster.oidcProviderArn,
    serviceCidr: cluster.serviceCidr,
    systemNodeRoleName: cluster.systemNodeRoleName,
  };
}

function issuer(cluster: eks.Cluster): pulumi.Output<string> {
  return cluster.identities.apply(([identity]) => identity?.oidcs[0]?.issuer ?? "");
}

function kubeconfig(plan: AwsClusterPlan, cluster: eks.Cluster): pulumi.Output<string> {
  const authority = cluster.certificateAuthority.data;
  const known = pulumi.all([
    cluster.arn,
    cluster.name,
    cluster.endpoint,
    authority,
    plan.kubeconfigRoleArn,
  ]);
  const text = known.apply(([arn, name, endpoint, certificateAuthorityData, roleArn]) =>
    renderKubeconfig({
      name,
      endpoint,
      certificateAuthorityData,
      exec: {
        command: "aws",
        args: tokenCommand(name, parseClusterArn(arn).region, roleArn),
        installHint: "Install the AWS CLI: https://docs.aws.amazon.com/cli/latest/userguide/",
      },
    }),
  );
  return pulumi.secret(text);
}

function tokenCommand(cluster: string, region: string, roleArn: string | undefined): string[] {
  const command = ["eks", "get-token", "--cluster-name", cluster, "--region", region];
  return [
    ...command,
    "--output",
    "json",
    ...(roleArn === undefined ? [] : ["--role-arn", roleArn]),
  ];
}
