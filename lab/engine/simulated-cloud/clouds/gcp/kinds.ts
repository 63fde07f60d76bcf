import type { Properties } from "../../../grpc/wire";
import { uuidOf } from "../draft";
import type { CloudKind, Draft, Value } from "../cloud-kind";
import { textAt } from "../paths";
import { gcpContainer } from "./container";
import { gcpDataStores } from "./data-stores";
import { gcpType } from "./references";

const SELF = "https://www.googleapis.com/compute/v1/";

function global(collection: string, outputs: CloudKind["outputs"] = {}): CloudKind {
  const id = `projects/{project}/global/${collection}/{name}`;
  return {
    id,
    outputs: { selfLink: `${SELF}${id}`, creationTimestamp: "{now}", ...outputs },
    check: nameFaults,
  };
}

function regional(collection: string, outputs: CloudKind["outputs"] = {}): CloudKind {
  const id = `projects/{project}/regions/{region}/${collection}/{name}`;
  return {
    id,
    outputs: {
      selfLink: `${SELF}${id}`,
      region: "{region}",
      creationTimestamp: "{now}",
      ...outputs,
    },
    check: nameFaults,
  };
}

// RFC 1035, as the provider's schema checks it.
function nameFaults({ name }: Properties) {
  if (typeof name !== "string" || /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return [];
  const allowed = "1-63 lower-case letters, digits and hyphens, a letter first, no hyphen last";
  return [{ property: "name", reason: `got ${JSON.stringify(name)}, allowed ${allowed}` }];
}

const email: Value = "{accountId}@{project}.iam.gserviceaccount.com";

const link = ({ inputs }: Draft, property: string): string => textAt(inputs, property);

/** The kinds of Google Cloud that have ids of their own form. */
export const gcpKinds: Readonly<Record<string, CloudKind>> = {
  ...gcpContainer,
  ...gcpDataStores,
  [gcpType("compute/network")]: {
    ...global("networks", {
      networkId: "{digits:19}",
      numericId: "{digits:19}",
      mtu: () => 1460,
      routingMode: () => "REGIONAL",
    }),
    defaults: { autoCreateSubnetworks: true, deleteDefaultRoutesOnCreate: false },
  },
  [gcpType("compute/subnetwork")]: regional("subnetworks", {
    gatewayAddress: ({ inputs }) => textAt(inputs, "ipCidrRange").replace(/\d+\/\d+$/, "1"),
    purpose: () => "PRIVATE",
    stackType: () => "IPV4_ONLY",
    subnetworkId: () => 1,
  }),
  [gcpType("compute/router")]: regional("routers"),
  [gcpType("compute/routerNat")]: {
    id: (draft) =>
      `${draft.config.project}/${draft.config.region}/${link(draft, "router")}/${link(draft, "name")}`,
    outputs: { region: "{region}", type: () => "PUBLIC", autoNetworkTier: () => "PREMIUM" },
    check: nameFaults,
  },
  [gcpType("compute/firewall")]: global("firewalls", { direction: () => "INGRESS" }),
  [gcpType("compute/address")]: regional("addresses", { address: "34.0.{digits:1}.{digits:2}" }),
  [gcpType("compute/forwardingRule")]: regional("forwardingRules", {
    pscConnectionId: "{digits:17}",
    pscConnectionStatus: () => "ACCEPTED",
  }),
  [gcpType("compute/globalAddress")]: global("addresses", { address: "10.{digits:1}.0.0" }),
  [gcpType("compute/route")]: global("routes"),
  [gcpType("serviceaccount/account")]: {
    id: "projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com",
    outputs: {
      email,
      name: "projects/{project}/serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com",
      member: "serviceAccount:{accountId}@{project}.iam.gserviceaccount.com",
      uniqueId: "{digits:21}",
    },
    check: ({ accountId }) =>
      typeof accountId !== "string" || /^[a-z]([-a-z0-9]{4,28}[a-z0-9])$/.test(accountId)
        ? []
        : [
            {
              property: "accountId",
              reason: `got ${JSON.stringify(accountId)}, allowed 6-30 lower-case letters, digits and hyphens`,
            },
          ],
  },
  [gcpType("serviceaccount/iAMMember")]: { id: "{serviceAccountId}/{role}/{member}" },
  [gcpType("projects/iAMMember")]: {
    id: "{project}/{role}/{member}",
    outputs: { etag: "BwX{hex:8}" },
  },
  [gcpType("projects/service")]: { id: "{project}/{service}" },
  // Neither is ever deleted, only forgotten: https://cloud.google.com/kms/docs/destroy-restore#considerations
  [gcpType("kms/keyRing")]: {
    id: "projects/{project}/locations/{location}/keyRings/{name}",
    nameStays: { refusal: "googleapi: Error 409: KeyRing {id} already exists., alreadyExists" },
  },
  [gcpType("kms/cryptoKey")]: {
    id: "{keyRing}/cryptoKeys/{name}",
    nameStays: { refusal: "googleapi: Error 409: CryptoKey {id} already exists., alreadyExists" },
    defaults: { purpose: "ENCRYPT_DECRYPT", skipInitialVersionCreation: false },
  },
  [gcpType("kms/cryptoKeyIAMMember")]: { id: "{cryptoKeyId}/{role}/{member}" },
  [gcpType("servicenetworking/connection")]: {
    id: (draft) => `${link(draft, "network")}:${link(draft, "service")}`,
    outputs: { peering: () => "servicenetworking-googleapis-com" },
  },
  // Asked for again, Google answers with the one that there is: projects.services.generateServiceIdentity.
  [gcpType("projects/serviceIdentity")]: {
    isShared: true,
    id: "projects/{project}/services/{service}",
    outputs: {
      email: ({ inputs, hex }) =>
        `service-${parseInt(hex(10), 16)}@gcp-sa-${textAt(inputs, "service").split(".")[0] ?? ""}.iam.gserviceaccount.com`,
      member: ({ inputs, hex }) =>
        `serviceAccount:service-${parseInt(hex(10), 16)}@gcp-sa-${textAt(inputs, "service").split(".")[0] ?? ""}.iam.gserviceaccount.com`,
    },
  },
};

/** How a kind of Google Cloud behaves that no table describes. */
export function otherGcpKind(type: string): CloudKind {
  const [module = "", own = ""] = (type.split(":")[1] ?? "").split("/");
  const id: Value = ({ inputs, config, hex }) =>
    `projects/${config.project}/${module}/${own}/${textAt(inputs, "name") || uuidOf(hex(32))}`;
  return { id, outputs: { selfLink: `${SELF}{id}` } };
}
