import type { HostProfilePlan } from "./plan";
import { hostProfileScript } from "./script";

/** Where cloud-init puts the script, to be run by hand as well. */
export const HOST_SCRIPT_PATH = "/usr/local/sbin/kvm-fabric-host-profile";

/**
 * Renders a profile as the user data of cloud-init, for machines whose user data holds nothing else. It is JSON, which
 * every YAML parser reads, so no value can be taken for anything but what it is.
 * Source: https://cloudinit.readthedocs.io/en/latest/reference/modules.html
 */
export function cloudConfig(plan: HostProfilePlan): string {
  const config = {
    write_files: [
      {
        path: HOST_SCRIPT_PATH,
        owner: "root:root",
        permissions: "0755",
        content: hostProfileScript(plan),
      },
    ],
    runcmd: [[HOST_SCRIPT_PATH]],
  };
  return `#cloud-config\n${JSON.stringify(config, undefined, 2)}\n`;
}
