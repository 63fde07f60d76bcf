import type { Fault } from "../shared/faults";

/** A minor version of Kubernetes. */
export interface KubernetesMinor {
  major: number;
  minor: number;
}

/** How long a provider looks after one minor version. Dates are the last days, as in `2026-12-02`, in UTC. */
export interface MinorSupport {
  /** As in `1.36`. */
  minor: string;
  standardUntil: string;
  /** Left out where the provider sells no support beyond the standard one. */
  extendedUntil?: string;
}

/** The minor versions that a provider runs, oldest first, as its documentation stated them on a day. */
export interface SupportCalendar {
  /** The provider's name, as in `EKS`. */
  provider: string;
  /** Where the dates are from. */
  source: string;
  /** The day on which the source was read. */
  asOf: string;
  /** What the provider calls the support that costs more. Defaults to "extended support". */
  extendedName?: string;
  minors: readonly MinorSupport[];
}

/** What is to be known beside the version itself. */
export interface SupportQuestion {
  /** Whether the cluster stays on a version whose standard support has ended, and pays for it. */
  extended: boolean;
  /** How the user asks for extended support; left out where the provider has none. */
  extendedFix?: string;
  today: Date;
}

/** How many minor versions kubelets may be behind the API server: https://kubernetes.io/releases/version-skew-policy/ */
export const OLDEST_NODE_SKEW = 3;

/** Days before the end of a minor version's support from which on a plan warns. */
const WARNING_DAYS = 60;

/** What every warning asks for. */
const UPGRADE = "upgrade by one minor version";

/**
 * Reads the minor version of a Kubernetes version in any provider's spelling: `1.36`, `1.36.2`,
 * `v1.36.2+k3s1`, `1.36.3-gke.1640000`. Undefined where it is none.
 */
export function kubernetesMinor(version: string): KubernetesMinor | undefined {
  const match = /^v?(\d{1,3})\.(\d{1,3})(\.\d+)?([-+][0-9A-Za-z.+-]+)?$/.exec(version);
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]) };
}

/** Writes a minor version as `1.36`. */
export function minorText({ major, minor }: KubernetesMinor): string {
  return `${String(major)}.${String(minor)}`;
}

/** How many minor versions the first is ahead of the second; a major version counts as far beyond all. */
export function minorsAhead(first: KubernetesMinor, second: KubernetesMinor): number {
  return (first.major - second.major) * 1000 + first.minor - second.minor;
}

/** Finds what is wrong with a version by itself: malformed, or no longer run by the provider. */
export function versionFaults(
  path: string,
  got: string,
  calendar: SupportCalendar,
  question: SupportQuestion,
): Fault[] {
  const minor = kubernetesMinor(got);
  if (minor === undefined) {
    return [{ path, problem: "not a version of Kubernetes", got, allowed: supported(calendar) }];
  }
  const support = calendar.minors.find((entry) => entry.minor === minorText(minor));
  if (support === undefined) return unlistedFaults(path, got, minor, calendar);
  const { extended, extendedFix, today } = question;
  if (!extended && ended(support.standardUntil, today)) {
    const newer = "a newer minor version";
    return [
      {
        path,
        problem: `its standard support by ${calendar.provider} ended on ${support.standardUntil}`,
        got,
        allowed: supported(calendar),
        fix: extendedFix === undefined ? newer : `${newer}, or ${extendedFix}`,
      },
    ];
  }
  const last = support.extendedUntil ?? support.standardUntil;
  if (!ended(last, today)) return [];
  const problem = `${calendar.provider} ended all support of it on ${last}`;
  return [{ path, problem, got, allowed: supported(calendar) }];
}

/**
 * Says what a user should know of a version beside its faults: its support ends soon, has ended, costs more, or is
 * unknown here.
 */
export function versionWarnings(
  got: string,
  calendar: SupportCalendar,
  { extended, today }: SupportQuestion,
): string[] {
  const { extendedName = "extended support", provider } = calendar;
  const minor = kubernetesMinor(got);
  const support = calendar.minors.find((entry) => minor && entry.minor === minorText(minor));
  if (support === undefined) return [unlistedWarning(got, calendar)];
  const { standardUntil, extendedUntil } = support;
  const version = `of Kubernetes ${got}`;
  if (ended(standardUntil, today)) {
    return extended && extendedUntil !== undefined
      ? [`${provider} bills ${extendedName} ${version} until ${extendedUntil}: ${UPGRADE}`]
      : [`${provider} ended support ${version} on ${standardUntil}: ${UPGRADE}`];
  }
  const soon = new Date(today.getTime() + WARNING_DAYS * 86_400_000);
  if (!ended(standardUntil, soon)) return [];
  const kind = extendedUntil === undefined ? "support" : "standard support";
  return [`${provider} ends ${kind} ${version} on ${standardUntil}: ${UPGRADE}`];
}

/**
 * Finds a skew that Kubernetes does not allow: nodes newer than the control plane, or too far behind it.
 * Source: https://kubernetes.io/releases/version-skew-policy/#kubelet
 */
export function nodeSkewFaults(path: string, node: string, controlPlane: string): Fault[] {
  const of = { node: kubernetesMinor(node), controlPlane: kubernetesMinor(controlPlane) };
  if (of.node === undefined) {
    return [{ path, problem: "not a version of Kubernetes", got: node, allowed: "as in 1.36" }];
  }
  if (of.controlPlane === undefined) return [];
  const behind = minorsAhead(of.controlPlane, of.node);
  const fix = "to upgrade the control plane first, then the nodes, one minor version each time";
  if (behind < 0) {
    const allowed = `at most ${minorText(of.controlPlane)}`;
    return [{ path, problem: "newer than the control plane", got: node, allowed, fix }];
  }
  if (behind <= OLDEST_NODE_SKEW) return [];
  const oldest = {
    ...of.controlPlane,
    minor: Math.max(0, of.controlPlane.minor - OLDEST_NODE_SKEW),
  };
  const allowed = `${minorText(oldest)} to ${minorText(of.controlPlane)}`;
  return [{ path, problem: "too old for the control plane", got: node, allowed }];
}

/**
 * Finds a step that no control plane takes: back, or over more than one minor version. Nothing is found where a
 * version is malformed: {@link versionFaults} says that.
 *
 * The arguments of a program do not tell which version runs. `upgrade-hook.ts` asks the engine's state for it.
 * Source: https://kubernetes.io/releases/version-skew-policy/#kube-apiserver
 */
export function upgradeFaults(path: string, from: string, to: string): Fault[] {
  const [running, wanted] = [kubernetesMinor(from), kubernetesMinor(to)];
  if (running === undefined || wanted === undefined) return [];
  const ahead = minorsAhead(wanted, running);
  if (ahead === 0 || ahead === 1) return [];
  const next = minorText({ ...running, minor: running.minor + 1 });
  const allowed = `${minorText(running)} or ${next}`;
  return ahead < 0
    ? [{ path, problem: "a control plane does not go back", got: to, allowed }]
    : [
        {
          path,
          problem: `skips minor versions: the control plane runs ${from}`,
          got: to,
          allowed,
          fix: `${next} first, with nodes and add-ons`,
        },
      ];
}

function unlistedWarning(got: string, { asOf, minors, provider, source }: SupportCalendar): string {
  const [minor, oldest] = [kubernetesMinor(got), kubernetesMinor(minors[0]?.minor ?? "")];
  if (minor && oldest && minorsAhead(minor, oldest) < 0) {
    return `${provider} ended support of Kubernetes ${got} long ago: ${UPGRADE}`;
  }
  return `Kubernetes ${got} is newer than what was known of ${provider} on ${asOf}: see ${source}`;
}

function unlistedFaults(
  path: string,
  got: string,
  minor: KubernetesMinor,
  calendar: SupportCalendar,
): Fault[] {
  const oldest = kubernetesMinor(calendar.minors[0]?.minor ?? "");
  if (oldest === undefined || minorsAhead(minor, oldest) > 0) return [];
  const problem = `${calendar.provider} no longer runs it`;
  return [{ path, problem, got, allowed: supported(calendar) }];
}

/** True where a day, given as its date in UTC, is over. */
function ended(date: string, today: Date): boolean {
  return today.getTime() >= Date.parse(`${date}T00:00:00Z`) + 86_400_000;
}

function supported({ minors, asOf }: SupportCalendar): string {
  return `${minors.map(({ minor }) => minor).join(", ")} or newer (known on ${asOf})`;
}
