import { openStores } from "../exceptions";
import { at, items, type Rule, type RuledResource, statementsOf, textAt } from "../resource";

/** What is stored in production is closed to the public, encrypted, kept in versions, and reached over TLS alone. */
export const closedBuckets: Rule = {
  name: "closed-buckets",
  description:
    "in production a bucket is closed to the public, encrypted, versioned, and reached over TLS alone",
  productionOnly: true,
  check: (resource) => checks[resource.type]?.(resource) ?? [],
};

type Check = (resource: RuledResource) => string[];

const checks: Readonly<Partial<Record<string, Check>>> = {
  "aws:s3/bucket:Bucket": s3Problems,
  "aws:s3/bucketV2:BucketV2": s3Problems,
  "gcp:storage/bucket:Bucket": gcsProblems,
  "azure-native:storage:StorageAccount": blobProblems,
};

/** S3 keeps each setting in a resource of its own. */
function s3Problems({ usedBy }: RuledResource): string[] {
  const settings = (word: string) =>
    usedBy.filter(({ type }) => new RegExp(`:Bucket${word}(V2)?$`).test(type));
  const has = (word: string, holds: (props: unknown) => boolean) =>
    settings(word).some(({ props }) => holds(props));
  const blocked = (props: unknown) => PUBLIC_ACCESS.every((key) => at(props, key) === true);
  return [
    ...problem(has("PublicAccessBlock", blocked), "no block of public access covers all of it"),
    ...problem(has("ServerSideEncryptionConfiguration", isEncrypted), "its encryption is not said"),
    ...problem(has("Versioning", isVersioned), "it keeps no versions"),
    ...problem(has("Policy", isTlsOnly), "no policy denies requests without TLS"),
  ];
}

const PUBLIC_ACCESS = [
  "blockPublicAcls",
  "blockPublicPolicy",
  "ignorePublicAcls",
  "restrictPublicBuckets",
];

function isEncrypted(props: unknown): boolean {
  return items(at(props, "rules")).some(
    (rule) => textAt(rule, "applyServerSideEncryptionByDefault", "sseAlgorithm") !== "",
  );
}

function isVersioned(props: unknown): boolean {
  return at(props, "versioningConfiguration", "status") === "Enabled";
}

/** Whoever comes without TLS, for whatever, is denied: one action, one folder or a further condition is not enough. */
function isTlsOnly(props: unknown): boolean {
  return statementsOf(at(props, "policy")).some(
    (statement) =>
      at(statement, "Effect") === "Deny" &&
      isEverybody(at(statement, "Principal")) &&
      items(at(statement, "Action")).some((action) => action === "*" || action === "s3:*") &&
      coversAll(items(at(statement, "Resource")).map(String)) &&
      isNoTls(at(statement, "Condition")),
  );
}

function isEverybody(principal: unknown): boolean {
  return principal === "*" || items(at(principal, "AWS")).includes("*");
}

/** The bucket and all in it. */
function coversAll(resources: string[]): boolean {
  return resources.some((resource) => {
    const [bucket = "", ...rest] = resource.split("/");
    if (rest.length === 0) return bucket.endsWith("*");
    return rest.join("/") === "*" && resources.includes(bucket);
  });
}

/** Nothing but the lack of TLS: each further condition would let some through. */
function isNoTls(condition: unknown): boolean {
  const operators: Record<string, unknown> = { ...(condition ?? {}) };
  const asked = Object.entries(operators).flatMap(([operator, keys]) =>
    Object.entries(keys ?? {}).map(([key, value]) => `${operator} ${key} ${String(value)}`),
  );
  return asked.join() === "Bool aws:SecureTransport false";
}

/** Cloud Storage encrypts everything, and answers over TLS alone where it is asked over TLS. */
function gcsProblems({ props }: RuledResource): string[] {
  const prevented = at(props, "publicAccessPrevention") === "enforced";
  const uniform = at(props, "uniformBucketLevelAccess") === true;
  return [
    ...problem(prevented, "publicAccessPrevention is not enforced"),
    ...problem(uniform, "uniformBucketLevelAccess is not true"),
    ...problem(at(props, "versioning", "enabled") === true, "it keeps no versions"),
  ];
}

/** Storage encrypts everything; without keys, who comes has an identity. */
function blobProblems({ name, props, type, usedBy }: RuledResource): string[] {
  const isOpen = openStores.some((store) => store.type === type && store.name.test(name));
  const versioned = usedBy.some(
    ({ props: settings }) => at(settings, "isVersioningEnabled") === true,
  );
  const modern = /^TLS1_[23]$/.test(textAt(props, "minimumTlsVersion"));
  return [
    ...problem(at(props, "allowBlobPublicAccess") === false, "allowBlobPublicAccess is not false"),
    ...problem(at(props, "enableHttpsTrafficOnly") !== false, "enableHttpsTrafficOnly is false"),
    ...problem(modern, "minimumTlsVersion is older than TLS1_2"),
    ...(isOpen
      ? []
      : [
          ...problem(at(props, "allowSharedKeyAccess") === false, "its keys open it"),
          ...problem(versioned, "it keeps no versions"),
        ]),
  ];
}

function problem(holds: boolean, text: string): string[] {
  return holds ? [] : [text];
}
