import { isIP } from "node:net";
import type { Fault } from "./faults";

/** True for a block of addresses, IPv4 or IPv6, in CIDR notation. Its first address may have host bits. */
function isAddressBlock(text: string): boolean {
  const [address = "", length = "", ...rest] = text.split("/");
  const longest = { 4: 32, 6: 128 }[isIP(address)];
  const fits = /^(0|[1-9][0-9]{0,2})$/.test(length) && Number(length) <= (longest ?? -1);
  return fits && rest.length === 0;
}

/** Checks blocks of addresses. */
export function addressBlockFaults(path: string, cidrs: readonly string[]): Fault[] {
  return cidrs.flatMap((cidr, index) => {
    if (isAddressBlock(cidr)) return [];
    const problem = "not a block of addresses";
    const allowed = 'CIDR notation as in "10.0.0.0/16" or "fd00::/64"';
    return [{ path: `${path}[${String(index)}]`, problem, got: cidr, allowed }];
  });
}
