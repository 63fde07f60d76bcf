import { dialectOf, type Dialect } from "./dialect";
import type { Exchange } from "./exchange";
import { Fault, violation } from "./fault";
import { Version } from "./names";
import { versionRequest } from "./requests";
import { showName } from "./show";

/** Fewer bytes than this a message may not have: the least that holds every fixed reply and a stat with a long name. */
export const LEAST_MSIZE = 4096;

/** All versions, the best first. */
export const ALL_VERSIONS: readonly Version[] = [Version.Linux, Version.Unix, Version.Plan9];

/** What is agreed with a server. */
export interface Agreement {
  dialect: Dialect;
  msize: number;
}

/**
 * Agrees with a server on a version and on the length of messages: version(5). A server may answer with a version before
 * the one asked for, or with none; each of `versions` is asked for until one is granted as it is, which costs a round trip
 * a version and never ends up with less than the server can. Errors: Fault EPROTONOSUPPORT where none is.
 */
export async function negotiate(
  exchange: Exchange,
  asked: { msize: number; versions: readonly Version[]; timeoutSeconds: number },
  signal?: AbortSignal,
): Promise<Agreement> {
  const answers: string[] = [];
  for (const version of asked.versions) {
    const granted = await ask(exchange, { ...asked, version }, signal);
    if (granted === undefined) {
      answers.push(`${version}: refused`);
      continue;
    }
    if (granted.version.equals(Buffer.from(version))) {
      const msize = checked(granted.msize, asked.msize);
      exchange.limitTo(msize);
      const dialect = dialectOf(version);
      exchange.dialect = dialect;
      return { dialect, msize };
    }
    answers.push(`${version}: ${showName(granted.version)}`);
  }
  throw new Fault(
    "EPROTONOSUPPORT",
    `the server speaks no version of 9P that is asked for (${answers.join(", ")})`,
  );
}

async function ask(
  exchange: Exchange,
  asked: { msize: number; version: Version; timeoutSeconds: number },
  signal: AbortSignal | undefined,
) {
  const request = versionRequest(asked.msize, asked.version);
  try {
    return await exchange.send(request, { timeoutSeconds: asked.timeoutSeconds, signal });
  } catch (error) {
    // Not by the manual, but some servers refuse with an error what they do not know.
    if (error instanceof Fault && error.code === "EPROTONOSUPPORT") return undefined;
    throw error;
  }
}

function checked(granted: number, asked: number): number {
  if (granted > asked) throw violation(`it grants messages of ${granted} bytes, not ${asked}`);
  if (granted < LEAST_MSIZE) {
    throw new Fault(
      "EMSGSIZE",
      `the server grants messages of ${granted} bytes; at least ${LEAST_MSIZE} are needed`,
    );
  }
  return granted;
}
