/** The parts of an ARN: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. */
export interface Arn {
  /** As in `aws`, `aws-cn`, `aws-us-gov`. */
  partition: string;
  service: string;
  /** Empty for global services such as IAM. */
  region: string;
  /** Id of the account: twelve digits. */
  account: string;
  /** All that is behind the account, as in `cluster/fabric`. */
  resource: string;
}

/** What names of services end in, in a partition. */
export function serviceSuffix(partition: string): string {
  return partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
}

/** What the ARN of an EKS cluster tells. */
export interface ClusterArn {
  /** As in `aws`, `aws-cn`, `aws-us-gov`. */
  partition: string;
  /** As in `eu-central-1`. */
  region: string;
  /** Id of the account: twelve digits. */
  account: string;
  /** Name of the cluster. */
  name: string;
}

/**
 * Splits an ARN. Throws on any other text: it is called where the value is known at last, in `apply`, and everything
 * built from a wrong one (policies, event patterns) would be refused, or worse, match nothing.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
export function parseArn(arn: string): Arn {
  const match = /^arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d{12}):(.+)$/.exec(arn);
  const [, partition, service, region = "", account, resource] = match ?? [];
  if (!partition || !service || !account || !resource) throw new Error(`not an ARN: "${arn}"`);
  return { partition, service, region, account, resource };
}

/**
 * Splits the ARN of an EKS cluster: `arn:PARTITION:eks:REGION:ACCOUNT:cluster/NAME`. Throws on any other text.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html
 */
export function parseClusterArn(arn: string): ClusterArn {
  const match =
    /^arn:(aws[a-z-]*):eks:([a-z]{2}[a-z-]*-\d):(\d{12}):cluster\/([0-9A-Za-z][0-9A-Za-z_-]{0,99})$/.exec(
      arn,
    );
  const [, partition, region, account, name] = match ?? [];
  if (!partition || !region || !account || !name) {
    throw new Error(`not the ARN of an EKS cluster: "${arn}"`);
  }
  return { partition, region, account, name };
}
