/** Where QEMU listens for the guest's ports, in the pod's loopback alone. */
export const GUEST_PORTS = Object.freeze({ fabric: 15_640, uploads: 15_641 });

/** What the arguments of QEMU are made of. */
interface GuestPorts {
  egressCidrs?: string[];
  fabricPort: number;
  uploadsPort: number;
}

/**
 * QEMU's user networking: both ports of the guest are reached from the pod's loopback, and with `restrict=on` the guest
 * itself reaches nothing, not even the pod.
 * Source: https://www.qemu.org/docs/master/system/invocation.html
 */
export function networkArguments({ egressCidrs, fabricPort, uploadsPort }: GuestPorts): string[] {
  const closed = egressCidrs === undefined || egressCidrs.length === 0;
  const forward = (port: number, guestPort: number) =>
    `hostfwd=tcp:127.0.0.1:${port}-:${guestPort}`;
  const words = [
    "user,id=net",
    `restrict=${closed ? "on" : "off"}`,
    forward(GUEST_PORTS.fabric, fabricPort),
    forward(GUEST_PORTS.uploads, uploadsPort),
  ];
  return ["-netdev", words.join(","), "-device", "virtio-net-pci,netdev=net,romfile="];
}
