import type { Fault } from "../components/shared/faults";

/** The secret key of a stack's file: what opens the machines of the target `bare-metal`. */
export const SSH_KEY = "kvm-fabric:sshPrivateKey";

const fix = `\`pulumi config set --secret ${SSH_KEY} < ~/.ssh/id_ed25519\``;

/** Checks the key, without ever showing it. Pure. */
export function sshKeyFaults(key: unknown, isUsed: boolean): Fault[] {
  if (!isUsed) {
    const problem = "a key that nobody uses";
    return key === undefined ? [] : [{ path: SSH_KEY, problem, fix: "no such key" }];
  }
  if (key === undefined) {
    const allowed = "the private key that opens every machine";
    return [{ path: SSH_KEY, problem: "missing", allowed, fix }];
  }
  if (typeof key === "string" && /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) return [];
  return [{ path: SSH_KEY, problem: "not a private key", allowed: "OpenSSH's format or PEM", fix }];
}
