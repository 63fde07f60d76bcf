import * as fs from "node:fs";
import * as path from "node:path";
import {
  readSettings,
  SettingsError,
  Target,
  Variable,
} from "../../../../functions/trace-uploader/settings";
import { repository } from "../../../support/source-files";

const CA = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
const least = {
  QUEEN_HOST: "queen.internal",
  QUEEN_CA: CA,
  STORE_BUCKET: "traces",
};
const files = { QUEEN_CERTIFICATE_FILE: "/identity/tls.crt", QUEEN_KEY_FILE: "/identity/tls.key" };
const secrets = {
  [Target.Lambda]: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:uploader-AbCdEf",
  [Target.CloudRun]: "projects/fabric/secrets/uploader/versions/latest",
  [Target.Azure]: "https://fabric.vault.azure.net/secrets/uploader",
};

function faults(target: Target, environment: Record<string, string>): string[] {
  try {
    readSettings(target, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split("\n").slice(1);
    throw error;
  }
  return [];
}

test("what must be given is little; the rest has its defaults", () => {
  expect(readSettings(Target.Command, { ...least, ...files })).toEqual({
    queen: {
      host: "queen.internal",
      port: 564,
      serverName: undefined,
      authority: { text: CA },
      identity: { certificateFile: "/identity/tls.crt", keyFile: "/identity/tls.key" },
      user: "uploader",
      userId: undefined,
      tree: "",
    },
    store: {
      bucket: "traces",
      prefix: "",
      endpoint: undefined,
      region: "us-east-1",
      pathStyle: false,
      verify: "checksum",
      addresses: [],
    },
    upload: {
      root: "/srv",
      folders: ["/srv/alerts", "/srv/trace"],
      partialSuffixes: [".partial", ".part", ".tmp"],
      settleSeconds: 10,
      setAsideHours: 24,
      filesAtOnce: 2,
      partsAtOnce: 2,
      timeLimitSeconds: 840,
      stopBeforeSeconds: 30,
      oldestFileSeconds: undefined,
    },
  });
});

test("every variable is read", () => {
  const given = {
    [Variable.QueenHost]: "10.0.0.7",
    [Variable.QueenPort]: "1564",
    [Variable.QueenServerName]: "queen.fabric",
    [Variable.QueenCaFile]: "/identity/ca.crt",
    [Variable.QueenCertificateFile]: "/identity/tls.crt",
    [Variable.QueenKeyFile]: "/identity/tls.key",
    [Variable.QueenUser]: "root",
    [Variable.QueenUserId]: "0",
    [Variable.QueenTree]: "/srv",
    [Variable.StoreBucket]: "b",
    [Variable.StorePrefix]: "/fabric/one/",
    [Variable.StoreEndpoint]: "https://store.internal:9000/",
    [Variable.StoreRegion]: "eu-central-1",
    [Variable.StorePathStyle]: "false",
    [Variable.StoreVerify]: "read-back",
    [Variable.StoreAddresses]: "199.36.153.8, 199.36.153.9",
    [Variable.UploadRoot]: "/",
    [Variable.UploadFolders]: "/alerts, /trace",
    [Variable.UploadPartialSuffixes]: ".open",
    [Variable.UploadSettleSeconds]: "3",
    [Variable.UploadSetAsideHours]: "1",
    [Variable.UploadFilesAtOnce]: "4",
    [Variable.UploadPartsAtOnce]: "1",
    [Variable.UploadTimeLimitSeconds]: "300",
    [Variable.UploadStopBeforeSeconds]: "60",
    [Variable.UploadOldestFileSeconds]: "7200",
  };
  const left = new Set<string>(Object.values(Variable));
  for (const name of Object.keys(given)) left.delete(name);
  // Each is one of two ways, shown below.
  expect([...left]).toEqual([Variable.QueenCa, Variable.QueenIdentitySecret]);
  const { queen, store, upload } = readSettings(Target.Command, given);
  expect(queen).toMatchObject({ port: 1564, serverName: "queen.fabric", user: "root", userId: 0 });
  expect(queen).toMatchObject({ tree: "/srv", authority: { file: "/identity/ca.crt" } });
  expect(store).toEqual({
    bucket: "b",
    prefix: "fabric/one",
    endpoint: "https://store.internal:9000",
    region: "eu-central-1",
    pathStyle: false,
    verify: "read-back",
    addresses: ["199.36.153.8", "199.36.153.9"],
  });
  expect(upload).toEqual({
    root: "/",
    folders: ["/alerts", "/trace"],
    partialSuffixes: [".open"],
    settleSeconds: 3,
    setAsideHours: 1,
    filesAtOnce: 4,
    partsAtOnce: 1,
    timeLimitSeconds: 300,
    stopBeforeSeconds: 60,
    oldestFileSeconds: 7200,
  });
});

test.each([
  [Target.Lambda, {}],
  [Target.CloudRun, {}],
  [Target.Azure, { STORE_ENDPOINT: "https://traces.blob.core.windows.net" }],
] as const)("%s reads a secret of its own cloud alone", (target, more) => {
  const environment = { ...least, ...more };
  for (const [of, secret] of Object.entries(secrets)) {
    const found = faults(target, { ...environment, QUEEN_IDENTITY_SECRET: secret });
    expect(found).toEqual(
      of === target ? [] : [expect.stringContaining("QUEEN_IDENTITY_SECRET: no secret, got")],
    );
  }
  const both = { ...environment, ...files, QUEEN_IDENTITY_SECRET: secrets[target] };
  expect(faults(target, both)).toEqual(["  QUEEN_IDENTITY_SECRET: given together with files"]);
});

test("the region is the function's own, and an endpoint has the bucket in the path", () => {
  const environment = { ...least, ...files, AWS_REGION: "eu-west-1", STORE_ENDPOINT: "http://s:1" };
  const { store } = readSettings(Target.Lambda, environment);
  expect(store).toMatchObject({ region: "eu-west-1", pathStyle: true });
});

test("every fault is told at once, with what is allowed", () => {
  const wrong = {
    QUEEN_PORT: "70000",
    QUEEN_CERTIFICATE_FILE: "/identity/tls.crt",
    STORE_ENDPOINT: "store:9000",
    STORE_PATH_STYLE: "yes",
    STORE_PREFIX: "a/../b",
    STORE_VERIFY: "never",
    UPLOAD_FOLDERS: "/etc",
    UPLOAD_SETTLE_SECONDS: "0.5",
  };
  expect(faults(Target.Command, wrong)).toEqual([
    "  QUEEN_HOST: missing",
    '  QUEEN_PORT: out of range, got "70000", allowed a whole number from 1 to 65535',
    "  QUEEN_CA: missing; try the PEM of the Queen's authority here, or its file in QUEEN_CA_FILE",
    "  QUEEN_KEY_FILE: missing; try the paths of both PEM files",
    '  STORE_ENDPOINT: no URL, got "store:9000", allowed https://...',
    "  STORE_BUCKET: missing",
    '  STORE_PREFIX: leads out of itself, got "a/../b"',
    '  STORE_PATH_STYLE: neither yes nor no, got "yes", allowed true, false',
    '  STORE_VERIFY: not known, got "never", allowed checksum, read-back',
    '  UPLOAD_FOLDERS: outside the root, got "/etc", allowed paths below /srv',
    '  UPLOAD_SETTLE_SECONDS: out of range, got "0.5", allowed a whole number from 1 to 3600',
  ]);
});

test("an empty variable is an absent one", () => {
  expect(faults(Target.Command, { ...least, ...files, QUEEN_PORT: "", STORE_BUCKET: " " })).toEqual(
    ["  STORE_BUCKET: missing"],
  );
});

test("the authority is the secret's where nothing else is said, and never without a secret", () => {
  const rest = { ...least, QUEEN_CA: "" };
  const inSecret = { ...rest, QUEEN_IDENTITY_SECRET: secrets.lambda };
  expect(readSettings(Target.Lambda, inSecret).queen.authority).toBe("secret");
  const said = { ...inSecret, QUEEN_CA_FILE: "/ca" };
  expect(readSettings(Target.Lambda, said).queen.authority).toEqual({ file: "/ca" });
  expect(faults(Target.Lambda, { ...rest, ...files })[0]).toContain("QUEEN_CA: missing");
});

test("text that is no certificate, two authorities, an account that is not said", () => {
  expect(faults(Target.Command, { ...least, ...files, QUEEN_CA: "/a/path" })).toEqual([
    "  QUEEN_CA: no certificate, allowed PEM",
  ]);
  const two = { ...least, ...files, QUEEN_CA_FILE: "/identity/ca.crt" };
  expect(faults(Target.Command, two)[0]).toContain("QUEEN_CA: given together with QUEEN_CA_FILE");
  expect(faults(Target.Azure, { ...least, ...files })).toEqual([
    "  STORE_ENDPOINT: missing, allowed the account's URL, https://ACCOUNT.blob.core.windows.net",
  ]);
  const secret = { ...least, QUEEN_IDENTITY_SECRET: secrets.lambda };
  expect(faults(Target.Command, secret)[0]).toContain("a command reads no cloud's secrets");
});

test("docs/trace-uploader.md has every variable, and no other", () => {
  const page = fs.readFileSync(path.join(repository, "docs/trace-uploader.md"), "utf8");
  const named = [...page.matchAll(/`((?:QUEEN|STORE|UPLOAD)_[A-Z_]+)[`=]/g)].map(
    ([, name]) => name,
  );
  // Of Azure's app alone, which its host reads.
  const known = [...Object.values(Variable), "UPLOAD_SCHEDULE", "UPLOAD_QUEUE"];
  expect([...new Set(named)].sort()).toEqual(known.sort());
});
