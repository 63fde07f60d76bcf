import { awsType } from "./aws/references";
import { gcpType } from "./gcp/references";

/** How long a cloud takes, in seconds, in the middle of what was published or measured. */
export interface Latency {
  create: number;
  update: number;
  delete: number;
  /** Where the numbers come from; "(estimate)" where nobody published any. */
  source: string;
}

// Type, create, update, delete in seconds, source.
const ROWS: readonly [string, number, number, number, string][] = [
  [awsType("ec2/vpc"), 15, 5, 2, "turbot/steampipe-plugin-aws#131, #478"],
  [awsType("ec2/subnet"), 10, 5, 2, "terraform-aws-modules/terraform-aws-eks#2203"],
  [awsType("ec2/internetGateway"), 1, 1, 20, "(estimate)"],
  [awsType("ec2/eip"), 2, 1, 2, "(estimate)"],
  [awsType("ec2/natGateway"), 105, 5, 50, "hashicorp/terraform-provider-aws#38363, #47349"],
  [awsType("ec2/routeTable"), 1, 1, 1, "DevopsArtFactory/terraform-provisioning#45"],
  [awsType("ec2/route"), 1, 1, 1, "DevopsArtFactory/terraform-provisioning#45"],
  [awsType("ec2/routeTableAssociation"), 1, 1, 1, "DevopsArtFactory/terraform-provisioning#45"],
  [awsType("ec2/securityGroup"), 2, 1, 3, "terraform-aws-modules/terraform-aws-eks#2203"],
  [
    awsType("vpc/securityGroupIngressRule"),
    3,
    1,
    1,
    "terraform-aws-modules/terraform-aws-eks#2203",
  ],
  [awsType("vpc/securityGroupEgressRule"), 3, 1, 1, "terraform-aws-modules/terraform-aws-eks#2203"],
  [awsType("ec2/vpcEndpoint"), 120, 60, 105, "hashicorp/terraform-provider-aws#44824 (estimate)"],
  [awsType("ec2/launchTemplate"), 1, 1, 1, "(estimate)"],
  [awsType("iam/role"), 4, 2, 3, "turbot/steampipe-plugin-aws#131"],
  [awsType("iam/policy"), 2, 2, 1, "turbot/steampipe-plugin-aws#131"],
  [awsType("iam/rolePolicyAttachment"), 2, 1, 1, "DevopsArtFactory/terraform-provisioning#45"],
  [awsType("iam/instanceProfile"), 1, 1, 1, "DevopsArtFactory/terraform-provisioning#46"],
  [awsType("iam/openIdConnectProvider"), 1, 1, 1, "DevopsArtFactory/terraform-provisioning#46"],
  [awsType("kms/key"), 15, 10, 2, "internal/service/kms/key.go (estimate)"],
  [awsType("sqs/queue"), 27, 25, 5, "DevopsArtFactory/terraform-provisioning#45"],
  [awsType("s3/bucket"), 2, 1, 1, "(estimate)"],
  [
    awsType("eks/cluster"),
    540,
    540,
    150,
    "terraform-aws-modules/terraform-aws-eks#3218; announcement of 2021-03",
  ],
  [awsType("eks/nodeGroup"), 120, 120, 270, "hashicorp/terraform-provider-aws#20405 (estimate)"],
  [awsType("eks/addon"), 30, 30, 15, "(estimate)"],
  [awsType("eks/accessEntry"), 1, 1, 1, "DevopsArtFactory/terraform-provisioning#47"],
  [awsType("eks/accessPolicyAssociation"), 1, 1, 1, "DevopsArtFactory/terraform-provisioning#47"],
  [awsType("eks/podIdentityAssociation"), 2, 1, 1, "(estimate)"],
  [awsType("autoscaling/group"), 75, 10, 90, "aws/karpenter-provider-aws#2906, #3102 (estimate)"],
  [awsType("rds/instance"), 480, 300, 240, "hashicorp/terraform-provider-aws#14778, #23560"],
  [
    awsType("elasticache/replicationGroup"),
    720,
    300,
    360,
    "hashicorp/terraform-provider-aws#17320",
  ],
  [
    gcpType("compute/network"),
    40,
    10,
    30,
    "opea-project/GenAIInfra#977, turbot/steampipe-plugin-gcp#214",
  ],
  [gcpType("compute/subnetwork"), 17, 10, 17, "(estimate)"],
  [gcpType("compute/router"), 12, 10, 12, "(estimate)"],
  [gcpType("compute/routerNat"), 12, 10, 12, "(estimate)"],
  [gcpType("compute/firewall"), 10, 10, 10, "(estimate)"],
  [gcpType("serviceaccount/account"), 6, 2, 2, "turbot/steampipe-plugin-gcp#214"],
  [gcpType("container/cluster"), 480, 300, 270, "turbot/steampipe-plugin-gcp#530 (estimate)"],
  [gcpType("container/nodePool"), 120, 240, 180, "hashicorp/terraform-provider-google#13178"],
  [
    gcpType("sql/databaseInstance"),
    1050,
    300,
    120,
    "hashicorp/terraform-provider-google#14770, #2309",
  ],
  ["azure-native:resources:ResourceGroup", 5, 2, 30, "(estimate)"],
  ["azure-native:network:VirtualNetwork", 8, 5, 10, "turbot/steampipe-plugin-azure#824"],
  ["azure-native:network:Subnet", 6, 5, 10, "turbot/steampipe-plugin-azure#824"],
  ["azure-native:network:NatGateway", 10, 5, 10, "(estimate)"],
  ["azure-native:network:PublicIPAddress", 5, 5, 10, "(estimate)"],
  [
    "azure-native:containerservice:ManagedCluster",
    360,
    300,
    243,
    "Azure/AKS#1439, sassoftware/viya4-iac-azure#108",
  ],
  [
    "azure-native:containerservice:AgentPool",
    180,
    180,
    150,
    "Azure/AKS#1439, agones-dev/agones#2165",
  ],
];

/** How long each kind takes that anybody measured. Other kinds are taken to answer in a second. */
export const latencies: Readonly<Record<string, Latency>> = Object.fromEntries(
  ROWS.map(([type, create, update, remove, source]) => [
    type,
    { create, update, delete: remove, source },
  ]),
);

const OTHERS: Latency = { create: 1, update: 1, delete: 1, source: "(estimate)" };

/** How long an operation on a kind takes, in seconds. */
export function latencySeconds(type: string, operation: "create" | "update" | "delete"): number {
  return (latencies[type] ?? OTHERS)[operation];
}
