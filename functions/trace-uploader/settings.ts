import { isIP } from "node:net";
import { type Fault, renderFaults } from "../../components/shared/faults";
import { type Environment, VariableReader } from "./variable-reader";

/** What the uploader runs as; each is a bundle of its own, with the clients of its cloud alone. */
export const Target = {
  /** A function of AWS Lambda, to S3. */
  Lambda: "lambda",
  /** A function of Google Cloud Run, to Cloud Storage. */
  CloudRun: "cloud-run",
  /** A function app of Azure, to Blob Storage. */
  Azure: "azure",
  /** A command that runs once and ends, for a CronJob, to S3 or any store that speaks its protocol. */
  Command: "command",
} as const;
/** Which bundle. */
export type Target = (typeof Target)[keyof typeof Target];

/** How an upload is confirmed: by the checksum that the store keeps, or by reading all of it back. */
export type Verify = "checksum" | "read-back";

/** Every environment variable that is read, by what it is; docs/trace-uploader.md says what for. */
export const Variable = {
  QueenHost: "QUEEN_HOST",
  QueenPort: "QUEEN_PORT",
  QueenServerName: "QUEEN_SERVER_NAME",
  QueenCa: "QUEEN_CA",
  QueenCaFile: "QUEEN_CA_FILE",
  QueenCertificateFile: "QUEEN_CERTIFICATE_FILE",
  QueenKeyFile: "QUEEN_KEY_FILE",
  QueenIdentitySecret: "QUEEN_IDENTITY_SECRET",
  QueenUser: "QUEEN_USER",
  QueenUserId: "QUEEN_USER_ID",
  QueenTree: "QUEEN_TREE",
  StoreBucket: "STORE_BUCKET",
  StorePrefix: "STORE_PREFIX",
  StoreEndpoint: "STORE_ENDPOINT",
  StoreRegion: "STORE_REGION",
  StorePathStyle: "STORE_PATH_STYLE",
  StoreVerify: "STORE_VERIFY",
  StoreAddresses: "STORE_ADDRESSES",
  UploadRoot: "UPLOAD_ROOT",
  UploadFolders: "UPLOAD_FOLDERS",
  UploadPartialSuffixes: "UPLOAD_PARTIAL_SUFFIXES",
  UploadSettleSeconds: "UPLOAD_SETTLE_SECONDS",
  UploadSetAsideHours: "UPLOAD_SET_ASIDE_HOURS",
  UploadFilesAtOnce: "UPLOAD_FILES_AT_ONCE",
  UploadPartsAtOnce: "UPLOAD_PARTS_AT_ONCE",
  UploadTimeLimitSeconds: "UPLOAD_TIME_LIMIT_SECONDS",
  UploadStopBeforeSeconds: "UPLOAD_STOP_BEFORE_SECONDS",
  UploadOldestFileSeconds: "UPLOAD_OLDEST_FILE_SECONDS",
} as const;

/** Where the Queen is and who the uploader is to her. The connection is TLS with a certificate on both sides, always. */
export interface QueenSettings {
  host: string;
  /** Defaults to 564. */
  port: number;
  /** The name in her certificate. Defaults to the host, or where that is an address, to the address. */
  serverName: string | undefined;
  /** Where the PEM of her authority is: the text itself, a file, or the identity's secret, the latter two read anew each run. */
  authority: { text: string } | { file: string } | "secret";
  /** Where the client's certificate and key are, read anew each run. */
  identity: IdentitySource;
  /** The user's name in 9P. Defaults to `uploader`. */
  user: string;
  /** The user's number in 9P, for servers that go by it. Defaults to none. */
  userId: number | undefined;
  /** The tree to attach to. Defaults to the server's only one. */
  tree: string;
}

/**
 * A certificate and its key: two PEM files, or a secret of the target's cloud that holds JSON with `tls.crt` and `tls.key`, and with
 * `ca.crt` where the authority is there too.
 */
export type IdentitySource = { certificateFile: string; keyFile: string } | { secret: string };

/** Where files go. */
export interface StoreSettings {
  /** The bucket; in Blob Storage the container. */
  bucket: string;
  /** Put before every key, without slashes at its ends. Defaults to none. */
  prefix: string;
  /** Defaults to the cloud's own; Blob Storage has none, there it is the account's URL. */
  endpoint: string | undefined;
  /** Of S3. Defaults to AWS_REGION, which Lambda sets, else `us-east-1`, which other stores take. */
  region: string;
  /** Whether the bucket is in the path rather than in the host's name. Defaults to true where an endpoint of S3 is given. */
  pathStyle: boolean;
  /** Of S3. Defaults to `checksum`. */
  verify: Verify;
  /** Of Cloud Storage: where Google's APIs are called, whatever DNS says. Defaults to what DNS says. */
  addresses: readonly string[];
}

/** How files are moved. */
export interface UploadSettings {
  /** What keys leave out of paths, the folders' parent. Defaults to `/srv`. */
  root: string;
  /** What is moved, with all below. Defaults to `/srv/alerts` and `/srv/trace`. */
  folders: readonly string[];
  /** Ends of names of files that are still written; so are names with a leading dot. Defaults to `.partial`, `.part`, `.tmp`. */
  partialSuffixes: readonly string[];
  /** Seconds for which a file must have stayed the same. Defaults to 10. */
  settleSeconds: number;
  /** Hours before a file that was set aside is tried again. Defaults to 24. */
  setAsideHours: number;
  /** Files moved at once. Defaults to 2. */
  filesAtOnce: number;
  /** Parts of one file under way at once. Defaults to 2. */
  partsAtOnce: number;
  /** Seconds a run may take; Lambda's own limit counts where it is nearer. Defaults to 840 (14 minutes). */
  timeLimitSeconds: number;
  /** Seconds before the limit at which nothing new is begun. Defaults to 30. */
  stopBeforeSeconds: number;
  /** Age in seconds of the oldest file above which the command fails. Defaults to none. */
  oldestFileSeconds: number | undefined;
}

/** All that one run goes by. */
export interface Settings {
  queen: QueenSettings;
  store: StoreSettings;
  upload: UploadSettings;
}

/** Settings that are wrong; the message has every fault, one a line. */
export class SettingsError extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(renderFaults("the environment does not say what to do:", faults));
    this.name = "SettingsError";
    this.faults = faults;
  }
}

/** What a run goes by, out of environment variables; empty ones count as absent. Errors: SettingsError with all faults. */
export function readSettings(target: Target, environment: Environment): Settings {
  const reader = new VariableReader(environment);
  const settings: Settings = {
    queen: queenSettings(reader, target),
    store: storeSettings(reader, target),
    upload: uploadSettings(reader),
  };
  if (reader.faults.length > 0) throw new SettingsError(reader.faults);
  return settings;
}

function queenSettings(reader: VariableReader, target: Target): QueenSettings {
  return {
    host: reader.required(Variable.QueenHost),
    port: reader.whole(Variable.QueenPort, { least: 1, most: 65535, otherwise: 564 }),
    serverName: reader.text(Variable.QueenServerName),
    authority: authority(reader),
    identity: identity(reader, target),
    user: reader.text(Variable.QueenUser) ?? "uploader",
    userId: reader.optionalWhole(Variable.QueenUserId, { least: 0, most: 0xffff_fffe }),
    tree: reader.text(Variable.QueenTree) ?? "",
  };
}

function authority(reader: VariableReader): QueenSettings["authority"] {
  const [text, file] = [reader.text(Variable.QueenCa), reader.text(Variable.QueenCaFile)];
  const isInSecret = reader.text(Variable.QueenIdentitySecret) !== undefined;
  if (text === undefined && file === undefined) {
    if (isInSecret) return "secret";
    reader.fault(Variable.QueenCa, {
      problem: "missing",
      fix: `the PEM of the Queen's authority here, or its file in ${Variable.QueenCaFile}`,
    });
  } else if (text !== undefined && file !== undefined) {
    reader.fault(Variable.QueenCa, { problem: `given together with ${Variable.QueenCaFile}` });
  }
  if (text !== undefined && !text.includes("-----BEGIN CERTIFICATE-----")) {
    reader.fault(Variable.QueenCa, { problem: "no certificate", allowed: "PEM" });
  }
  return file === undefined ? { text: text ?? "" } : { file };
}

function identity(reader: VariableReader, target: Target): IdentitySource {
  const secret = reader.text(Variable.QueenIdentitySecret);
  const certificateFile = reader.text(Variable.QueenCertificateFile);
  const keyFile = reader.text(Variable.QueenKeyFile);
  if (secret === undefined) {
    if (certificateFile !== undefined && keyFile !== undefined) return { certificateFile, keyFile };
    const missing =
      certificateFile === undefined ? Variable.QueenCertificateFile : Variable.QueenKeyFile;
    const fix =
      target === Target.Command
        ? "the paths of both PEM files"
        : `a secret of the cloud in ${Variable.QueenIdentitySecret}`;
    reader.fault(missing, { problem: "missing", fix });
    return { secret: "" };
  }
  if (target === Target.Command) {
    reader.fault(Variable.QueenIdentitySecret, {
      problem: "a command reads no cloud's secrets",
      fix: `${Variable.QueenCertificateFile} and ${Variable.QueenKeyFile}`,
    });
  } else if (certificateFile !== undefined || keyFile !== undefined) {
    reader.fault(Variable.QueenIdentitySecret, { problem: "given together with files" });
  } else if (!SECRETS[target].pattern.test(secret)) {
    const { allowed } = SECRETS[target];
    reader.fault(Variable.QueenIdentitySecret, { problem: "no secret", got: secret, allowed });
  }
  return { secret };
}

/** How each cloud names a secret. */
const SECRETS = {
  [Target.Lambda]: {
    pattern: /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/,
    allowed: "an ARN of Secrets Manager",
  },
  [Target.CloudRun]: {
    pattern: /^projects\/[^/\s]+\/secrets\/[^/\s]+\/versions\/[^/\s]+$/,
    allowed: "projects/PROJECT/secrets/NAME/versions/latest",
  },
  [Target.Azure]: {
    pattern: /^https:\/\/[^/\s]+\/secrets\/[^/\s]+(\/[^/\s]+)?$/,
    allowed: "https://VAULT.vault.azure.net/secrets/NAME",
  },
} as const;

function storeSettings(reader: VariableReader, target: Target): StoreSettings {
  const endpoint = reader.url(Variable.StoreEndpoint);
  if (target === Target.Azure && endpoint === undefined) {
    const allowed = "the account's URL, https://ACCOUNT.blob.core.windows.net";
    reader.fault(Variable.StoreEndpoint, { problem: "missing", allowed });
  }
  return {
    bucket: reader.required(Variable.StoreBucket),
    prefix: reader.folder(Variable.StorePrefix),
    endpoint,
    region: reader.text(Variable.StoreRegion) ?? reader.text("AWS_REGION") ?? "us-east-1",
    pathStyle: reader.flag(Variable.StorePathStyle, endpoint !== undefined),
    verify: reader.oneOf(Variable.StoreVerify, ["checksum", "read-back"]),
    addresses: addresses(reader),
  };
}

function addresses(reader: VariableReader): readonly string[] {
  const given = reader.list(Variable.StoreAddresses, []);
  const got = given.find((address) => isIP(address) === 0);
  if (got !== undefined) {
    reader.fault(Variable.StoreAddresses, { problem: "not an address", got, allowed: "addresses" });
  }
  return given;
}

function uploadSettings(reader: VariableReader): UploadSettings {
  const root = `/${reader.folder(Variable.UploadRoot, "srv")}`;
  const folders = reader.list(Variable.UploadFolders, [`${root}/alerts`, `${root}/trace`]);
  const outside = folders.find((folder) => !folder.startsWith(root === "/" ? root : `${root}/`));
  if (outside !== undefined) {
    const allowed = `paths below ${root}`;
    reader.fault(Variable.UploadFolders, { problem: "outside the root", got: outside, allowed });
  }
  return {
    root,
    folders,
    partialSuffixes: reader.list(Variable.UploadPartialSuffixes, [".partial", ".part", ".tmp"]),
    settleSeconds: reader.whole(Variable.UploadSettleSeconds, {
      ...{ least: 1, most: 3600, otherwise: 10 },
    }),
    setAsideHours: reader.whole(Variable.UploadSetAsideHours, {
      ...{ least: 1, most: 8760, otherwise: 24 },
    }),
    filesAtOnce: reader.whole(Variable.UploadFilesAtOnce, { least: 1, most: 16, otherwise: 2 }),
    partsAtOnce: reader.whole(Variable.UploadPartsAtOnce, { least: 1, most: 16, otherwise: 2 }),
    timeLimitSeconds: reader.whole(Variable.UploadTimeLimitSeconds, {
      ...{ least: 60, most: 86400, otherwise: 840 },
    }),
    stopBeforeSeconds: reader.whole(Variable.UploadStopBeforeSeconds, {
      ...{ least: 1, most: 300, otherwise: 30 },
    }),
    oldestFileSeconds: reader.optionalWhole(Variable.UploadOldestFileSeconds, {
      ...{ least: 60, most: 31_536_000 },
    }),
  };
}
