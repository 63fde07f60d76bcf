import type { Input } from "@pulumi/pulumi";
import type { QueenRef } from "../../queen/queen-ref";
import { type Fault, type Planned, planned } from "../../shared/faults";
import { imageFaults } from "../../shared/images";
import { memberFaults } from "../../shared/members";
import { nameFaults, objectName } from "../../shared/names";
import { wholeNumberFaults } from "../../shared/numbers";
import { patternFaults } from "../../shared/patterns";
import { type Bundle, bundleFaults, readBundle } from "../bundle";
import { commonFaults, commonPlan, type CommonPlan } from "../plan";
import { rangesFaults } from "../ranges";
import { type TraceStore, type TraceUploaderArgs, UploadVerification } from "./args";

/** The objects' names. */
export interface UploaderObjects {
  /** CronJob, ServiceAccount and NetworkPolicy. */
  uploader: string;
  /** ConfigMap of the program: its content is in its name, since it never changes. */
  bundle: string;
  /** ConfigMap of the authorities. */
  authorities: string;
}

/** An uploader in the cluster, with every default filled in. */
export interface TraceUploaderPlan extends CommonPlan {
  /** Logical name. */
  name: string;
  bundle: Bundle;
  cpu: string;
  /** Seconds after which Kubernetes ends a run. */
  deadlineSeconds: number;
  image: string;
  memory: string;
  namespace: Input<string>;
  objects: UploaderObjects;
  podIdentity: boolean;
  priorityClassName: Input<string> | undefined;
  prometheusRule: boolean;
  queen: QueenRef;
  queenCidrs: string[];
  serviceAccountAnnotations: Record<string, string>;
  store: TraceStore;
  storePort: number;
  timeLimitSeconds: number;
}

const own = Object.freeze({ cpu: "100m", memory: "256Mi", storePort: 443, timeLimitSeconds: 3000 });

/** Seconds beyond a run's own limit after which Kubernetes ends it. */
const SPARE_SECONDS = 300;

/** The longest name of a CronJob: eleven characters are its Jobs'. */
const LONGEST = 52;

/** The most that a ConfigMap holds, in bytes, with room for its metadata. */
export const LARGEST_BUNDLE = 1_048_576 - 4096;

/** Plans an uploader, or names everything that is wrong with its arguments. */
export function planTraceUploader(
  name: string,
  args: TraceUploaderArgs,
  bundle: Bundle | undefined = readBundle("command"),
): Planned<TraceUploaderPlan> {
  return planned(uploaderFaults(name, args, bundle), () => {
    const timeLimitSeconds = args.timeLimitSeconds ?? own.timeLimitSeconds;
    const code = bundle ?? { file: "", sha256: "", text: "" };
    return {
      ...commonPlan(args),
      name,
      bundle: code,
      cpu: args.resources?.cpu ?? own.cpu,
      deadlineSeconds: timeLimitSeconds + SPARE_SECONDS,
      image: args.image,
      memory: args.resources?.memory ?? own.memory,
      namespace: args.namespace,
      objects: {
        uploader: objectName([name], LONGEST),
        bundle: objectName([name, "bundle", code.sha256.slice(0, 12)]),
        authorities: objectName([name, "authorities"]),
      },
      podIdentity: args.podIdentity ?? false,
      priorityClassName: args.priorityClassName,
      prometheusRule: args.prometheusRule ?? false,
      queen: args.queen,
      queenCidrs: args.queenCidrs ?? [],
      serviceAccountAnnotations: args.serviceAccountAnnotations ?? {},
      store: args.store,
      storePort: args.store.port ?? own.storePort,
      timeLimitSeconds,
    };
  });
}

function uploaderFaults(
  name: string,
  args: TraceUploaderArgs,
  bundle: Bundle | undefined,
): Fault[] {
  return [
    ...nameFaults("name", name),
    ...bundleFaults("command", bundle),
    ...sizeFaults(bundle),
    ...commonFaults(args),
    ...imageFaults("image", args.image),
    ...wholeNumberFaults("timeLimitSeconds", args.timeLimitSeconds, 120, 86_000),
    ...queenFaults(args),
    ...storeFaults(args.store),
    ...quantityFaults("resources.cpu", args.resources?.cpu, /^\d+m?$/, "as in 500m"),
    ...quantityFaults("resources.memory", args.resources?.memory, /^\d+[MG]i$/, "as in 512Mi"),
  ];
}

function quantityFaults(path: string, got: string | undefined, pattern: RegExp, allowed: string) {
  return patternFaults(path, got, pattern, "not a quantity", allowed);
}

function sizeFaults(bundle: Bundle | undefined): Fault[] {
  const bytes = Buffer.byteLength(bundle?.text ?? "");
  if (bytes <= LARGEST_BUNDLE) return [];
  const allowed = `${String(LARGEST_BUNDLE)} bytes, what a ConfigMap holds`;
  return [{ path: "bundle", problem: "too large", got: bytes, allowed }];
}

/** The egress policy names Queen: by her pods, or by her ranges. */
function queenFaults({ queen, queenCidrs }: TraceUploaderArgs): Fault[] {
  const path = "queenCidrs";
  if (queen.podLabels !== undefined) {
    if (queenCidrs === undefined) return [];
    const problem = "given, but Queen is in the cluster and known by her pods";
    return [{ path, problem, fix: "to leave it out" }];
  }
  if (queenCidrs !== undefined) return rangesFaults(path, queenCidrs);
  return [{ path, problem: "missing: Queen is outside the cluster", fix: "the ranges she is in" }];
}

function storeFaults(store: TraceStore): Fault[] {
  const { cidrs, endpoint, namespace, podLabels, port, verification } = store;
  return [
    ...rangesFaults("store.cidrs", cidrs),
    ...(cidrs !== undefined && podLabels !== undefined
      ? [{ path: "store.cidrs", problem: "given beside podLabels", fix: "one of the two" }]
      : []),
    ...(namespace !== undefined && podLabels === undefined
      ? [{ path: "store.namespace", problem: "given without podLabels", fix: "the pods' labels" }]
      : []),
    ...patternFaults(
      "store.endpoint",
      endpoint,
      /^https:\/\/[^/\s]+\/?$/,
      "not the URL of a store over TLS",
      "https://HOST or https://HOST:PORT",
    ),
    ...wholeNumberFaults("store.port", port, 1, 65_535),
    ...memberFaults("store.verification", verification, Object.values(UploadVerification)),
  ];
}
