import type { CloudKind, Scene, Value } from "../cloud-kind";
import { textAt, valueAt } from "../paths";
import type { WorldObject } from "../world";
import { gcpType } from "./references";

// No certificate: what a client of ours does with one is shown with real ones.
const authority: Value = ({ hex }) => [
  {
    cert: `-----BEGIN CERTIFICATE-----\n${Buffer.from(hex(48)).toString("base64")}\n-----END CERTIFICATE-----\n`,
    commonName: "simulated",
    createTime: "2026-01-01T00:00:00Z",
    expirationTime: "2036-01-01T00:00:00Z",
    expireTime: "2036-01-01T00:00:00Z",
    serialNumber: "0",
    sha1Fingerprint: hex(40),
  },
];

// "Size of a running instance cannot be reduced but can be increased": the provider's `settings.disk_size`. Words are ours.
function shrinkFault({ world }: Scene, { id, inputs, scope, type }: WorldObject) {
  const size = (of: unknown) => Number(valueAt(of, "settings.diskSize"));
  if (!(size(inputs) < size(world.find(type, scope, id)?.inputs))) return undefined;
  return "googleapi: Error 400: Invalid request: the disk of a running instance cannot be reduced., invalid";
}

/** Databases and caches of Google Cloud, and how they are reached. */
export const gcpDataStores: Readonly<Record<string, CloudKind>> = {
  // An instance's name is taken for about a week: terraform-google-modules/terraform-google-gke-gitlab#81.
  [gcpType("sql/databaseInstance")]: {
    id: "{name}",
    outputs: {
      connectionName: "{project}:{region}:{name}",
      dnsName: "{hex:12}.{hex:12}.{region}.sql.goog.",
      pscServiceAttachmentLink:
        "projects/{hex:12}-tp/regions/{region}/serviceAttachments/a-{hex:12}",
      serverCaCerts: authority,
    },
    nameStays: {
      days: 7,
      refusal:
        "googleapi: Error 409: The Cloud SQL instance already exists. When you delete an instance, you can't reuse " +
        "the name of the deleted instance until one week from the deletion date., instanceAlreadyExists",
    },
    // The provider's own protection, and Cloud SQL's: https://cloud.google.com/sql/docs/postgres/deletion-protection
    refuses: (scene, object, step) => {
      const { inputs } = object;
      if (step === "update") return shrinkFault(scene, object);
      if (step !== "delete") return undefined;
      if (inputs.deletionProtection === true) {
        return "Error, failed to delete instance because deletion_protection is set to true. Set it to false to proceed";
      }
      return valueAt(inputs, "settings.deletionProtectionEnabled") === true
        ? "googleapi: Error 400: The instance is protected. Please disable the deletion protection and try again."
        : undefined;
    },
    // Its databases and users go with it.
    removed: ({ world }, { id }) => {
      for (const object of world.all()) {
        const isPart = /^gcp:sql\/(database|user):/.test(object.type);
        if (isPart && object.inputs.instance === id) world.remove(object);
      }
      return Promise.resolve();
    },
  },
  [gcpType("sql/database")]: { id: "projects/{project}/instances/{instance}/databases/{name}" },
  [gcpType("sql/user")]: { id: "{name}//{instance}" },
  [gcpType("redis/instance")]: {
    id: "projects/{project}/locations/{region}/instances/{name}",
    outputs: {
      authString: "{uuid}",
      host: "10.{digits:2}.{digits:1}.4",
      // With TLS it is not the usual one.
      port: ({ inputs }) =>
        textAt(inputs, "transitEncryptionMode") === "SERVER_AUTHENTICATION" ? 6378 : 6379,
      serverCaCerts: authority,
    },
    refuses: (_, { inputs }, step) =>
      step === "delete" && inputs.deletionProtection === true
        ? "cannot destroy redis instance without setting deletion_protection=false and running the update"
        : undefined,
  },
  [gcpType("secretmanager/secret")]: {
    id: "projects/{project}/secrets/{secretId}",
    outputs: { name: "{id}", createTime: "{now}" },
    autoname: "",
    // With all its versions: https://cloud.google.com/secret-manager/docs/delete-secret
    removed: ({ world }, { id }) => {
      for (const version of world.all(gcpType("secretmanager/secretVersion"))) {
        if (version.inputs.secret === id) world.remove(version);
      }
      return Promise.resolve();
    },
  },
  // Each is the next number: https://cloud.google.com/secret-manager/docs/add-secret-version
  [gcpType("secretmanager/secretVersion")]: {
    id: ({ inputs, type }, world) => {
      const secret = textAt(inputs, "secret");
      const numbers = world
        .all(type)
        .filter((version) => version.inputs.secret === secret)
        .map(({ id }) => Number(id.split("/").at(-1)));
      return `${secret}/versions/${String(Math.max(0, ...numbers) + 1)}`;
    },
  },
  [gcpType("dns/managedZone")]: {
    id: "projects/{project}/managedZones/{name}",
    outputs: { managedZoneId: "{digits:19}" },
  },
  [gcpType("dns/recordSet")]: {
    id: "projects/{project}/managedZones/{managedZone}/rrsets/{name}/{type}",
  },
};
