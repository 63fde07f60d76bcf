import * as dns from "node:dns";
import * as net from "node:net";

const GOOGLE_APIS = ".googleapis.com";

/**
 * Finds Google's APIs at these addresses, whatever DNS says, and all else by DNS: a network may let out to the addresses that Google
 * keeps for private networks (private.googleapis.com) and nowhere else, without a zone of its own for the names. Certificates are verified
 * for the names as ever. `undefined`, which is DNS for all, without addresses.
 */
export function googleLookup(addresses: readonly string[]): net.LookupFunction | undefined {
  const found = addresses.map((address) => ({ address, family: net.isIP(address) }));
  const [first] = found;
  if (first === undefined) return undefined;
  return (host, options, done) => {
    if (!host.endsWith(GOOGLE_APIS)) dns.lookup(host, options, done);
    else if (options.all === true) done(null, found);
    else done(null, first.address, first.family);
  };
}
