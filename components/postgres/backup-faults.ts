import { addressBlockFaults } from "../shared/address-blocks";
import type { Fault } from "../shared/faults";
import { requiredMemberFaults } from "../shared/members";
import { wholeNumberFaults } from "../shared/numbers";
import { secretFaults } from "../shared/secret-names";
import type { PostgresArgs } from "./args";
import {
  BackupCloud,
  type PostgresBackups,
  type PostgresObjectStore,
  type PostgresRecovery,
} from "./backup-args";

/** Finds everything that is wrong with backups and recovery. */
export function backupFaults(name: string, { backups, recovery }: PostgresArgs): Fault[] {
  return [
    ...(backups === undefined ? [] : keptFaults("backups", backups)),
    ...(recovery === undefined ? [] : recoveryFaults("recovery", name, recovery, backups)),
  ];
}

function keptFaults(path: string, backups: PostgresBackups): Fault[] {
  const { cidrs, retentionDays, schedule, store } = backups;
  return [
    ...storeFaults(`${path}.store`, store),
    ...addressBlockFaults(`${path}.cidrs`, cidrs ?? []),
    ...wholeNumberFaults(`${path}.retentionDays`, retentionDays, 1, 3650),
    ...scheduleFaults(`${path}.schedule`, schedule),
  ];
}

const PATHS: Record<BackupCloud, { form: RegExp; allowed: string }> = {
  [BackupCloud.S3]: {
    form: /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[\w.=-]+)*$/,
    allowed: "s3://BUCKET/FOLDER",
  },
  [BackupCloud.Gcs]: {
    form: /^gs:\/\/[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](\/[\w.=-]+)*$/,
    allowed: "gs://BUCKET/FOLDER",
  },
  [BackupCloud.Azure]: {
    form: /^https:\/\/[a-z0-9]{3,24}\.blob\.[a-z0-9.]+\/[a-z0-9-]{3,63}(\/[\w.=-]+)*$/,
    allowed: "https://ACCOUNT.blob.core.windows.net/CONTAINER/FOLDER",
  },
};

function storeFaults(path: string, store: PostgresObjectStore): Fault[] {
  const { cloud, credentialsSecret, endpointCaSecret, endpointUrl } = store;
  const members = Object.values(BackupCloud);
  const faults = requiredMemberFaults(`${path}.cloud`, cloud, members);
  if (faults.length > 0) return faults;
  const { form, allowed } = PATHS[cloud];
  return [
    ...(form.test(store.path)
      ? []
      : [{ path: `${path}.path`, problem: "not a place in that store", got: store.path, allowed }]),
    ...secretFaults(`${path}.credentialsSecret`, credentialsSecret),
    ...secretFaults(`${path}.endpointCaSecret`, endpointCaSecret),
    ...endpointFaults(`${path}.endpointUrl`, cloud, endpointUrl),
    ...(endpointCaSecret !== undefined && endpointUrl === undefined
      ? [{ path: `${path}.endpointCaSecret`, problem: "given without endpointUrl" }]
      : []),
  ];
}

function endpointFaults(path: string, cloud: BackupCloud, got: string | undefined): Fault[] {
  if (got === undefined) return [];
  if (cloud !== BackupCloud.S3) return [{ path, problem: "has a meaning with S3 alone", got }];
  if (/^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/?$/.test(got)) return [];
  const problem = "not the https URL of a host";
  return [{ path, problem, ...(!got.includes("@") && { got }), allowed: "https://HOST[:PORT]" }];
}

function scheduleFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined) return [];
  const field = String.raw`(\*|[0-9]+(-[0-9]+)?)(/[1-9][0-9]*)?`;
  const list = `${field}(,${field})*`;
  if (new RegExp(`^${list}( ${list}){5}$`).test(got)) return [];
  const allowed = "six fields, seconds first, as in 0 30 2 * * *";
  return [{ path, problem: "not a cron schedule of CloudNativePG", got, allowed }];
}

function recoveryFaults(
  path: string,
  name: string,
  { serverName, store, targetTime }: PostgresRecovery,
  backups: PostgresBackups | undefined,
): Fault[] {
  const from = store ?? backups?.store;
  return [
    ...(from === undefined
      ? [{ path: `${path}.store`, problem: "missing, and there are no backups to take it from" }]
      : []),
    ...(store === undefined ? [] : storeFaults(`${path}.store`, store)),
    ...(/^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$/.test(serverName)
      ? []
      : [{ path: `${path}.serverName`, problem: "not the name of a store", got: serverName }]),
    ...(serverName === name && backups !== undefined && from?.path === backups.store.path
      ? [
          {
            path: `${path}.serverName`,
            problem: "the store's own name: it would write over the very backup that it reads",
            got: serverName,
            fix: "a new name for the new store",
          },
        ]
      : []),
    ...timeFaults(`${path}.targetTime`, targetTime),
  ];
}

function timeFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined) return [];
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/;
  if (form.test(got) && !Number.isNaN(Date.parse(got))) return [];
  const allowed = "as in 2026-11-22T10:00:00Z";
  return [{ path, problem: "not a moment in time with its zone", got, allowed }];
}
