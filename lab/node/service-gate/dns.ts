import { CLUSTER_DOMAIN } from "./services";

const HEADER_BYTES = 12;
const TYPE_A = 1;
const CLASS_INTERNET = 1;
/** Seconds for which an answer may be kept. */
const TTL_SECONDS = 1;

/** An answer, authoritative; with the flag that recursion was asked for where it was. */
const ANSWER = 0x8400;
const RECURSION = 0x0100;
const Code = { None: 0, NoSuchName: 3, Refused: 5 } as const;

/**
 * The answer to a question of DNS: the IPv4 addresses of a name of the cluster, nothing for another type of it, no such name
 * for others in the cluster's domain, and a refusal for all the world besides. Undefined for what is no question.
 * Pure. Source: RFC 1035, section 4.
 */
export function dnsAnswer(
  query: Buffer,
  names: ReadonlyMap<string, readonly string[]>,
): Buffer | undefined {
  const question = questionOf(query);
  if (question === undefined) return undefined;
  const { name, type, end } = question;
  const found = names.get(name);
  const inCluster = name === CLUSTER_DOMAIN || name.endsWith(`.${CLUSTER_DOMAIN}`);
  const records = type === TYPE_A ? (found ?? []).map(addressRecord) : [];
  const missing = inCluster ? Code.NoSuchName : Code.Refused;
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  const code = found === undefined ? missing : Code.None;
  header.writeUInt16BE(ANSWER | (query.readUInt16BE(2) & RECURSION) | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, query.subarray(HEADER_BYTES, end), ...records]);
}

/** The one question of a query. */
function questionOf(query: Buffer): { name: string; type: number; end: number } | undefined {
  const isQuestion = query.length > HEADER_BYTES && (query.readUInt16BE(2) & 0xf800) === 0;
  if (!isQuestion || query.readUInt16BE(4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (;;) {
    const length = query[at];
    // Nothing stands before the first name that it could point back to.
    if (length === undefined || length > 63) return undefined;
    at += 1 + length;
    if (length === 0) break;
    labels.push(query.toString("latin1", at - length, at));
  }
  if (query.length < at + 4 || query.readUInt16BE(at + 2) !== CLASS_INTERNET) return undefined;
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at), end: at + 4 };
}

/** A record of the name in the question. */
function addressRecord(address: string): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(CLASS_INTERNET, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  Buffer.from(address.split(".").map(Number)).copy(record, 12);
  return record;
}
