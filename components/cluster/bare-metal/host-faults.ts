import { MachineArchitecture } from "../../shared/machine-architecture";
import { labelFaults } from "../../shared/node-faults";
import { parseAddress } from "../../shared/cidr";
import type { Fault } from "../../shared/faults";
import { memberFaults, requiredMemberFaults } from "../../shared/members";
import { nodeContract } from "../../shared/node-contract";
import { wholeNumberFaults } from "../../shared/numbers";
import { type Host, HostRole, type HostAccess } from "./args";

const HOST_KEY = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]{40,}={0,2}$/;
const DNS_NAME =
  /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Finds everything that is wrong with each host by itself, and with names and addresses that two of them have. */
export function hostFaults(hosts: readonly Host[], contract = nodeContract()): Fault[] {
  return hosts.flatMap((host, index) => {
    const path = `hosts[${String(index)}]`;
    const before = hosts.slice(0, index);
    return [
      ...nameFaults(`${path}.name`, host.name, before),
      ...sameAddressFaults(`${path}.address`, host, before),
      ...addressFaults(`${path}.address`, host.address),
      ...addressFaults(`${path}.publicAddress`, host.publicAddress),
      ...hostKeyFaults(`${path}.hostKey`, host.hostKey),
      ...requiredMemberFaults(`${path}.role`, host.role, Object.values(HostRole)),
      ...memberFaults(
        `${path}.architecture`,
        host.architecture,
        Object.values(MachineArchitecture),
      ),
      ...wholeNumberFaults(`${path}.port`, host.port, 1, 65_535),
      ...siteFaults(`${path}.site`, host.site),
      ...userFaults(`${path}.user`, host.user),
      ...labelFaults(`${path}.labels`, host.labels ?? {}, contract),
      ...zoneFaults(`${path}.zone`, host.zone),
    ];
  });
}

/** Finds what is wrong with how hosts are logged in to. Keys are secret: faults never show them. */
export function accessFaults(access: HostAccess): Fault[] {
  const { privateKey } = access;
  const path = "access.privateKey";
  if (typeof privateKey !== "string") return [];
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(privateKey)) return [];
  const fix = "the file without .pub, from a secret of the stack";
  return HOST_KEY.test(privateKey.split(" ").slice(0, 2).join(" "))
    ? [{ path, problem: "a public key", fix }]
    : [{ path, problem: "not a private key", allowed: "OpenSSH's format or PEM", fix }];
}

function nameFaults(path: string, name: string, before: readonly Host[]): Fault[] {
  if (!LABEL.test(name)) {
    const allowed = "a-z, 0-9 and -, at most 63 characters";
    return [{ path, problem: "not a DNS label", got: name, allowed }];
  }
  const taken = before.some((other) => other.name === name);
  return taken ? [{ path, problem: "there are two of that name", got: name }] : [];
}

/** Only what is known already can be compared. */
function sameAddressFaults(path: string, { address, port = 22 }: Host, before: readonly Host[]) {
  const other = before.find(
    (host) => typeof address === "string" && host.address === address && (host.port ?? 22) === port,
  );
  return other === undefined
    ? []
    : [{ path, problem: `the address of ${other.name} too`, got: address }];
}

/** Checks an address or a name of a machine, where it is known. */
export function addressFaults(path: string, got: unknown): Fault[] {
  if (typeof got !== "string") return [];
  const numeric = /^[\d.]+$/.test(got);
  if (numeric ? parseAddress(got) !== undefined : DNS_NAME.test(got)) return [];
  const allowed = "an IPv4 address or a DNS name, without a port";
  return [{ path, problem: "not an address", got, allowed }];
}

function hostKeyFaults(path: string, got: unknown): Fault[] {
  if (got === undefined || got === "") {
    const fix =
      "what `ssh-keyscan -t ed25519 HOST` prints behind the name, compared on the machine";
    return [{ path, problem: "missing: any machine could answer in the host's place", fix }];
  }
  if (typeof got !== "string" || HOST_KEY.test(got)) return [];
  // Whatever was given may be secret.
  if (got.includes("PRIVATE KEY")) {
    return [{ path, problem: "a private key", fix: "the public host key" }];
  }
  const allowed = "ssh-ed25519, ecdsa-sha2-nistp256 or ssh-rsa, a space, the key in base64";
  return [{ path, problem: "not a public SSH host key", allowed }];
}

function userFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined || /^[a-z_][a-z0-9_-]{0,31}$/.test(got)) return [];
  const allowed = "a-z, 0-9, - and _, at most 32 characters";
  return [{ path, problem: "not the name of a user", got, allowed }];
}

function siteFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined || LABEL.test(got)) return [];
  return [{ path, problem: "not a DNS label", got, allowed: "a-z, 0-9 and -" }];
}

function zoneFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined || /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/.test(got)) return [];
  const allowed = "letters, digits, -, _ and ., at most 63 characters";
  return [{ path, problem: "not the value of a label", got, allowed }];
}
