import { flag, has, is, type Rule, some } from "./rules";

/** What an exempted rule looks at, and the arguments that keep it. */
export interface Judged {
  rule: Omit<Rule, "id">;
  /** It asks for a resource that is not made at all. */
  absent?: boolean;
  args?: object;
}

const any = { asks: "", broken: undefined };
const cloudSql = { ...any, kind: "DatabaseInstance" };
const server = { ...any, kind: "Server" };

/** A flag of Cloud SQL's that is to have a value. */
function ofCloudSql(name: string, value: string): Judged {
  return {
    rule: { ...cloudSql, path: "settings.databaseFlags", holds: flag(name, value) },
    args: { parameters: { [name]: value } },
  };
}

/** A parameter of a Flexible Server that is a resource of its own, and is to have a value. */
function ofFlexibleServer(name: string, value: string): Judged {
  const only = [`fabric-${name.replaceAll(/[._]/g, "-")}`];
  return {
    rule: { ...any, kind: "Configuration", only, path: "value", holds: is(value) },
    absent: true,
    args: { parameters: { [name]: value } },
  };
}

const credentials = { ...any, kind: "Secret", only: ["fabric-credentials"] };

/** Of the databases and caches that clouds run, by the rule's number. */
export const judgedStores: Readonly<Record<string, Judged>> = {
  CKV_AWS_118: {
    rule: { ...any, kind: "Instance", path: "monitoringInterval", holds: (seconds) => seconds > 0 },
  },
  CKV2_AWS_57: {
    rule: { ...any, kind: "SecretRotation", path: "rotationRules", holds: some },
    absent: true,
  },
  CKV_GCP_6: {
    rule: {
      ...{ ...cloudSql, path: "settings.ipConfiguration.sslMode" },
      holds: is("TRUSTED_CLIENT_CERTIFICATE_REQUIRED"),
    },
  },
  CKV_GCP_51: ofCloudSql("log_checkpoints", "on"),
  CKV_GCP_57: ofCloudSql("log_min_duration_statement", "-1"),
  CKV_GCP_79: {
    rule: { ...cloudSql, path: "databaseVersion", holds: is("POSTGRES_18") },
    args: { version: "18" },
  },
  CKV_GCP_108: ofCloudSql("log_hostname", "on"),
  CKV_GCP_109: ofCloudSql("log_min_error_statement", "error"),
  CKV_GCP_110: ofCloudSql("cloudsql.enable_pgaudit", "on"),
  CKV_GCP_111: ofCloudSql("log_statement", "ddl"),
  CKV2_GCP_13: ofCloudSql("log_duration", "on"),
  CKV_AZURE_136: {
    rule: { ...server, path: "backup.geoRedundantBackup", holds: is("Enabled") },
  },
  FlexibleServers_EnableEntraOnlyAuthentication: {
    rule: { ...server, path: "authConfig.passwordAuth", holds: is("Disabled") },
  },
  FlexibleServers_ConnectionThrottling: ofFlexibleServer("connection_throttle.enable", "on"),
  FlexibleServers_EnableLogCheckpoint: ofFlexibleServer("log_checkpoints", "on"),
  FlexibleServers_EnablePgAudit: ofFlexibleServer("pgaudit.log", "ddl"),
  CKV_AZURE_40: {
    rule: { ...any, kind: "Key", path: "properties.attributes.expires", holds: some },
  },
  CKV_AZURE_41: { rule: { ...credentials, path: "properties.attributes.expires", holds: some } },
  CKV_AZURE_112: {
    rule: { ...any, kind: "Key", path: "properties.kty", holds: is("RSA-HSM") },
  },
  CKV2_AZURE_32: {
    rule: {
      ...{ ...any, kind: "PrivateEndpoint" },
      ...{ path: "privateLinkServiceConnections.0.groupIds", holds: has("vault") },
    },
  },
  "Managed Redis security": {
    rule: {
      ...{ ...any, kind: "Database", path: "accessKeysAuthentication" },
      holds: is("Disabled"),
    },
  },
};
