import type { Fault } from "../shared/faults";
import { wholeNumberFaults } from "../shared/numbers";
import { patternFaults } from "../shared/patterns";
import type { ArchiveLifecycle, QueenUploads, UploadAlarms, UploadSettings } from "./args";

/** What holds where an argument is left out. */
export const defaults = Object.freeze({
  abortIncompleteDays: 7,
  intervalMinutes: 15,
  logRetentionDays: 90,
  noncurrentDays: 90,
  oldestFileMinutes: 120,
  prefix: "traces",
  queenPort: 564,
  setAsideHours: 24,
  settleSeconds: 10,
  transitionDays: 30,
});

/** The arguments that all uploaders have in common. */
export interface CommonArgs {
  alarms?: UploadAlarms;
  intervalMinutes?: number;
  lifecycle?: ArchiveLifecycle;
  logRetentionDays?: number;
  settings?: UploadSettings;
}

/** The same with every default filled in. */
export interface CommonPlan {
  intervalMinutes: number;
  lifecycle: Required<ArchiveLifecycle>;
  logRetentionDays: number;
  oldestFileSeconds: number;
  prefix: string;
  setAsideHours: number;
  settleSeconds: number;
  tree: string | undefined;
  user: string | undefined;
  userId: number | undefined;
}

/** Fills the defaults in. */
export function commonPlan(args: CommonArgs): CommonPlan {
  const { lifecycle, settings } = args;
  return {
    intervalMinutes: args.intervalMinutes ?? defaults.intervalMinutes,
    lifecycle: {
      abortIncompleteDays: lifecycle?.abortIncompleteDays ?? defaults.abortIncompleteDays,
      noncurrentDays: lifecycle?.noncurrentDays ?? defaults.noncurrentDays,
      transitionDays: lifecycle?.transitionDays ?? defaults.transitionDays,
    },
    logRetentionDays: args.logRetentionDays ?? defaults.logRetentionDays,
    oldestFileSeconds: 60 * (args.alarms?.oldestFileMinutes ?? defaults.oldestFileMinutes),
    prefix: settings?.prefix ?? defaults.prefix,
    setAsideHours: settings?.setAsideHours ?? defaults.setAsideHours,
    settleSeconds: settings?.settleSeconds ?? defaults.settleSeconds,
    tree: settings?.tree,
    user: settings?.user,
    userId: settings?.userId,
  };
}

/** Finds everything that is wrong with them. */
export function commonFaults(args: CommonArgs): Fault[] {
  return [
    ...intervalFaults(args.intervalMinutes),
    ...wholeNumberFaults("alarms.oldestFileMinutes", args.alarms?.oldestFileMinutes, 10, 10_080),
    ...settingsFaults(args.settings ?? {}),
    ...lifecycleFaults(args.lifecycle ?? {}),
  ];
}

/** Queen as a function outside the cluster reaches her, with every default filled in. */
export interface UploadsPlan extends CommonPlan {
  queen: QueenUploads;
  queenPort: number;
}

/** Fills the defaults of such a function in. */
export function uploadsPlan(args: CommonArgs & { queen: QueenUploads }): UploadsPlan {
  const { queen } = args;
  return { ...commonPlan(args), queen, queenPort: queen.port ?? defaults.queenPort };
}

/** Finds everything that is wrong with its arguments. */
export function uploadsFaults(args: CommonArgs & { queen: QueenUploads }): Fault[] {
  return [
    ...commonFaults(args),
    ...wholeNumberFaults("queen.port", args.queen.port, 1, 65_535),
    ...hostFaults(args.queen.host),
  ];
}

/** A host alone: the port is an argument of its own, and there is no other protocol. */
function hostFaults(got: unknown): Fault[] {
  return patternFaults(
    "queen.host",
    got,
    /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/,
    "not a host",
    "a name or an address, without protocol and port",
  );
}

/** Minutes that a schedule of each cloud can say, evenly spread over the hour. */
const INTERVALS = [5, 10, 15, 20, 30, 60];

function intervalFaults(got: number | undefined): Fault[] {
  if (got === undefined || INTERVALS.includes(got)) return [];
  const problem = "does not divide an hour evenly, or is too short";
  return [{ path: "intervalMinutes", problem, got, allowed: INTERVALS.join(", ") }];
}

/** An empty variable counts as absent, and Kubernetes expands `$(...)`. */
const NINEP_NAME = /^[A-Za-z0-9._/-]{1,255}$/;
const PLAIN = "1 to 255 letters, digits, ., _, / and -";

function settingsFaults(settings: UploadSettings): Fault[] {
  const { prefix, setAsideHours, settleSeconds, tree, user, userId } = settings;
  return [
    ...patternFaults(
      "settings.prefix",
      prefix,
      /^(?=.{1,200}$)[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/,
      "not the beginning of a key",
      "names of letters, digits, ., _ and -, the first no . or -, with / between them, at most 200 characters",
    ),
    ...wholeNumberFaults("settings.setAsideHours", setAsideHours, 1, 720),
    ...wholeNumberFaults("settings.settleSeconds", settleSeconds, 1, 3600),
    ...patternFaults("settings.tree", tree, NINEP_NAME, "not a tree's name", PLAIN),
    ...patternFaults("settings.user", user, NINEP_NAME, "not a user's name", PLAIN),
    ...wholeNumberFaults("settings.userId", userId, 0, 0xffff_fffe),
  ];
}

function lifecycleFaults(lifecycle: ArchiveLifecycle): Fault[] {
  const { abortIncompleteDays, noncurrentDays, transitionDays } = lifecycle;
  return [
    ...wholeNumberFaults("lifecycle.abortIncompleteDays", abortIncompleteDays, 1, 30),
    ...wholeNumberFaults("lifecycle.noncurrentDays", noncurrentDays, 1, 3650),
    ...(transitionDays === 0
      ? []
      : wholeNumberFaults("lifecycle.transitionDays", transitionDays, 30, 3650)),
  ];
}

/** Days after which the notes of files that were set aside are of no use. */
export function setAsideDays({ setAsideHours }: Pick<CommonPlan, "setAsideHours">): number {
  return Math.ceil(setAsideHours / 24) + 1;
}

/** The same schedule in cron's five fields. */
export function cronOf(intervalMinutes: number): string {
  return intervalMinutes === 60 ? "0 * * * *" : `*/${String(intervalMinutes)} * * * *`;
}
