import { at, isSaid, items, type Rule } from "../resource";

/** Nothing of production answers to the whole internet. */
export const publicEndpoints: Rule = {
  name: "no-public-endpoints",
  description:
    "in production an API server, a database or a store is private, or open to a list of addresses",
  productionOnly: true,
  check: ({ type, props }) => {
    const problem = checks[type]?.(props);
    return problem === undefined ? [] : [problem];
  },
};

type Check = (props: unknown) => string | undefined;

const anywhere = ["0.0.0.0/0", "::/0"];
const open = (ranges: unknown[]): boolean =>
  ranges.length === 0 || ranges.some((range) => anywhere.includes(String(range)));

const isTrue =
  (...path: string[]): Check =>
  (props) =>
    at(props, ...path) === true ? `${path.join(".")} is true` : undefined;

/** Azure's stores are public unless that is switched off, or they stand in a subnet of their own. */
const closed =
  (path: string[], subnet?: string): Check =>
  (props) => {
    const place = at(props, ...path);
    if (at(place, "publicNetworkAccess") === "Disabled") return undefined;
    if (subnet !== undefined && isSaid(place, subnet)) return undefined;
    return `${[...path, "publicNetworkAccess"].join(".")} is not Disabled`;
  };

const checks: Readonly<Partial<Record<string, Check>>> = {
  "aws:eks/cluster:Cluster": (props) => {
    const vpc = at(props, "vpcConfig");
    // EKS has a public endpoint where nothing is said.
    if (at(vpc, "endpointPublicAccess") === false) return undefined;
    const ranges = items(at(vpc, "publicAccessCidrs"));
    return open(ranges) ? "the API server answers to any address" : undefined;
  },
  "gcp:container/cluster:Cluster": (props) => {
    const privateOnly = at(props, "privateClusterConfig", "enablePrivateEndpoint") === true;
    if (privateOnly) return undefined;
    const blocks = items(at(props, "masterAuthorizedNetworksConfig", "cidrBlocks"));
    const ranges = blocks.map((block) => at(block, "cidrBlock"));
    return open(ranges) ? "the API server answers to any address" : undefined;
  },
  "azure-native:containerservice:ManagedCluster": (props) => {
    const access = at(props, "apiServerAccessProfile");
    if (at(access, "enablePrivateCluster") === true) return undefined;
    const ranges = items(at(access, "authorizedIPRanges"));
    return open(ranges) ? "the API server answers to any address" : undefined;
  },
  "aws:rds/instance:Instance": isTrue("publiclyAccessible"),
  "aws:rds/clusterInstance:ClusterInstance": isTrue("publiclyAccessible"),
  // Cloud SQL gives a public address where nothing is said.
  "gcp:sql/databaseInstance:DatabaseInstance": (props) =>
    at(props, "settings", "ipConfiguration", "ipv4Enabled") === false
      ? undefined
      : "settings.ipConfiguration.ipv4Enabled is not false",
  "azure-native:dbforpostgresql:Server": closed(["network"], "delegatedSubnetResourceId"),
  "azure-native:redisenterprise:RedisEnterprise": closed([]),
  "azure-native:cache:Redis": closed([], "subnetId"),
  "azure-native:storage:StorageAccount": isTrue("allowBlobPublicAccess"),
  "kubernetes:core/v1:Service": (props) => {
    if (at(props, "spec", "type") !== "LoadBalancer") return undefined;
    const annotations = Object.entries(at(props, "metadata", "annotations") ?? {});
    const internal = annotations.some(([key, value]) =>
      /internal/i.test(`${key} ${String(value)}`),
    );
    const ranges = items(at(props, "spec", "loadBalancerSourceRanges"));
    return !internal && open(ranges) ? "its load balancer answers to any address" : undefined;
  },
};
