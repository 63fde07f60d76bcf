import { renderKubeconfig } from "../../../../../components/cluster/kubeconfig";
import type { CloudFunction } from "../cloud";
import { textAt } from "../paths";
import { listRedisKeys } from "./data-stores";

const CLUSTER = "azure-native:containerservice:ManagedCluster";

// The application of AKS's own server, in each tenant: https://azure.github.io/kubelogin/concepts/aks.html
const SERVER_ID = "6dae42f8-4368-4678-94ff-3960e28e3630";

const credentials: CloudFunction = (args, { world, config }) => {
  const [group, name] = [textAt(args, "resourceGroupName"), textAt(args, "resourceName")];
  const cluster = world
    .all(CLUSTER)
    .find(({ inputs, state }) => inputs.resourceGroupName === group && state.name === name);
  if (!cluster)
    throw new Error(`Code="ResourceNotFound" Message="The Resource ${name} was not found."`);
  const login = ["get-token", "--environment", "AzurePublicCloud", "--server-id", SERVER_ID];
  const kubeconfig = renderKubeconfig({
    name,
    endpoint: `https://${textAt(cluster.state, "fqdn")}`,
    certificateAuthorityData: textAt(cluster.state, "simulatedAuthority"),
    exec: {
      command: "kubelogin",
      args: [...login, "--tenant-id", config.tenantId, "--login", "devicecode"],
      installHint: "kubelogin is not installed",
    },
  });
  const value = Buffer.from(kubeconfig).toString("base64");
  return { kubeconfigs: [{ name: "clusterUser", value }] };
};

/** The functions of the Azure provider that programs of this library call. */
export const azureFunctions: Readonly<Record<string, CloudFunction>> = {
  "azure-native:authorization:getClientConfig": (_, { config }) => ({
    clientId: "0f4f1f4e-6f0f-4f3b-9d7e-000000000001",
    objectId: "0f4f1f4e-6f0f-4f3b-9d7e-000000000002",
    subscriptionId: config.subscriptionId,
    tenantId: config.tenantId,
  }),
  "azure-native:containerservice:listManagedClusterUserCredentials": credentials,
  "azure-native:redisenterprise:listDatabaseKeys": listRedisKeys,
};
