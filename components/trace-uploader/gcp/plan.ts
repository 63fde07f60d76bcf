import type { Input } from "@pulumi/pulumi";
import type { GcpNetworkRef } from "../../network/network-ref";
import { type Fault, type Planned, planned } from "../../shared/faults";
import { nameFaults, objectName } from "../../shared/names";
import { wholeNumberFaults } from "../../shared/numbers";
import { patternFaults } from "../../shared/patterns";
import { type Bundle, bundleFaults, readBundle } from "../bundle";
import { uploadsFaults, uploadsPlan, type UploadsPlan } from "../plan";
import { rangesFaults } from "../ranges";
import type { GcpTraceUploaderArgs } from "./args";

/** Names that the project sees. */
export interface GcpUploaderNames {
  buildAccount: string;
  function: string;
  logBucket: string;
  metric: string;
  /** Network tag of the function's interfaces. */
  networkTag: string;
  role: string;
  runAccount: string;
  startAccount: string;
}

/** An uploader on Google Cloud, with every default filled in. */
export interface GcpTraceUploaderPlan extends UploadsPlan {
  /** Logical name. */
  name: string;
  bundle: Bundle;
  deletionProtection: boolean;
  encryptionKeyId: Input<string> | undefined;
  existingBucketName: Input<string> | undefined;
  /** Where Google's APIs are called, whatever DNS says; empty where it leads there. */
  googleApisAddresses: string[];
  googleApisCidrs: string[];
  labels: Record<string, string>;
  names: GcpUploaderNames;
  network: GcpNetworkRef;
  notificationChannels: Input<Input<string>[]>;
  project: Input<string> | undefined;
  queenCidrs: string[];
}

/** Name of a service of Cloud Run: https://cloud.google.com/run/docs/deploying */
const LONGEST_FUNCTION = 49;
/** Id of a service account: https://cloud.google.com/iam/docs/service-accounts-create */
const LONGEST_ACCOUNT = 30;

/** Where Google's APIs answer private networks: https://cloud.google.com/vpc/docs/configure-private-google-access */
const PRIVATE_APIS = {
  addresses: ["199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"],
  cidrs: ["199.36.153.8/30"],
};

/** Plans an uploader, or names everything that is wrong with its arguments. */
export function planGcpTraceUploader(
  name: string,
  args: GcpTraceUploaderArgs,
  bundle: Bundle | undefined = readBundle("cloud-run"),
): Planned<GcpTraceUploaderPlan> {
  return planned(gcpFaults(name, args, bundle), () => ({
    ...uploadsPlan(args),
    name,
    bundle: bundle ?? { file: "", sha256: "", text: "" },
    deletionProtection: args.deletionProtection ?? true,
    encryptionKeyId: args.encryptionKeyId,
    existingBucketName: args.existingBucketName,
    googleApisAddresses: args.googleApisCidrs === undefined ? PRIVATE_APIS.addresses : [],
    googleApisCidrs: args.googleApisCidrs ?? PRIVATE_APIS.cidrs,
    labels: { ...args.labels, "managed-by": "pulumi", "part-of": "kvm-fabric" },
    names: names(name),
    network: args.network,
    notificationChannels: args.notificationChannels ?? [],
    project: args.project,
    queenCidrs: args.queenCidrs,
  }));
}

function names(name: string): GcpUploaderNames {
  return {
    buildAccount: objectName([name, "build"], LONGEST_ACCOUNT),
    function: objectName([name], LONGEST_FUNCTION),
    logBucket: objectName([name, "logs"]),
    metric: objectName([name, "oldest-file"]),
    networkTag: objectName([name, "uploader"]),
    role: objectName([name, "archive"]).replaceAll("-", "_"),
    runAccount: objectName([name, "run"], LONGEST_ACCOUNT),
    startAccount: objectName([name, "start"], LONGEST_ACCOUNT),
  };
}

function gcpFaults(name: string, args: GcpTraceUploaderArgs, bundle: Bundle | undefined): Fault[] {
  return [
    ...nameFaults("name", name),
    ...shortNameFaults(name),
    ...bundleFaults("cloud-run", bundle),
    ...uploadsFaults(args),
    ...wholeNumberFaults("logRetentionDays", args.logRetentionDays, 1, 3650),
    ...rangesFaults("queenCidrs", args.queenCidrs),
    ...rangesFaults("googleApisCidrs", args.googleApisCidrs),
    ...patternFaults(
      "encryptionKeyId",
      args.encryptionKeyId,
      /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/,
      "not the id of a key",
      "projects/P/locations/L/keyRings/R/cryptoKeys/K",
    ),
    ...existingFaults(args),
  ];
}

/** Ids of service accounts have six characters or more: `NAME-run` is the shortest. */
function shortNameFaults(name: string): Fault[] {
  if (name.length >= 2) return [];
  const allowed = "at least 2 characters";
  return [
    { path: "name", problem: "too short for the id of a service account", got: name, allowed },
  ];
}

function existingFaults(args: GcpTraceUploaderArgs): Fault[] {
  if (args.existingBucketName === undefined) return [];
  const given = (["lifecycle", "encryptionKeyId"] as const).filter(
    (key) => args[key] !== undefined,
  );
  const problem = "given, but an existing bucket keeps its own settings";
  return given.map((path) => ({ path, problem, fix: "to leave it out" }));
}
