import type { input as k8s } from "@pulumi/kubernetes/types";
import { GUEST_PORTS } from "./guest-network";

/**
 * Asks both listeners of the guest for their version of 9P (`Tversion`, 21 bytes, tag 65535, 8 KiB messages, 9P2000.L) and
 * looks for the type of the answer, `Rversion`, which is 101 or `e`. QEMU takes up a connection whether or not the guest
 * does, so one alone says nothing.
 * Source: http://man.cat-v.org/plan_9/5/version
 *
 * POSIX sh with `head`, `nc` and `tail`; the ports stand for others in tests.
 */
export const NINEP_SCRIPT = `ask() {
  printf '\\025\\000\\000\\000\\144\\377\\377\\000\\040\\000\\000\\010\\0009P2000.L' | nc -w 3 127.0.0.1 "$1" | head -c 5 | tail -c 1
}
for port in "\${FABRIC_PORT:-${GUEST_PORTS.fabric}}" "\${UPLOADS_PORT:-${GUEST_PORTS.uploads}}"; do
  [ "$(ask "$port")" = e ] || { echo "no 9P on port $port"; exit 1; }
done
`;

/** The probes of Queen's container. */
type Probes = Pick<k8s.core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe">;

/**
 * Ten minutes to boot, out of the Services after 30 s without an answer, and started anew after two minutes: a guest
 * that has hung never comes back by itself.
 */
export function ninepProbes(): Probes {
  const exec = { command: ["/bin/sh", "-c", NINEP_SCRIPT] };
  return {
    startupProbe: { exec, periodSeconds: 5, timeoutSeconds: 10, failureThreshold: 120 },
    readinessProbe: { exec, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 3 },
    livenessProbe: { exec, periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6 },
  };
}
