import { renderFaults } from "../shared/faults";
import { bootScript } from "./boot-script";
import type { HostProfile } from "./host-profile";
import { type HostProfilePlan, planHostProfile } from "./plan";
import { userDataFaults } from "./user-data";

/** Where cloud-init puts the script, to be run by hand as well. */
export const HOST_SCRIPT_PATH = "/usr/local/sbin/kvm-fabric-host-profile";

/**
 * Renders a profile as the user data of machines of one's own that boot with cloud-init: with its assets they are brought
 * while the machine goes on. It fits what EC2 takes, 16 KiB, and so what the other clouds do. Throws one error that names
 * every fault of the profile, or how much too large it is.
 */
export function hostCloudConfig(profile: HostProfile = {}): string {
  const result = planHostProfile("", profile);
  if (!result.ok) throw new Error(renderFaults("the host profile has faults:", result.faults));
  const config = cloudConfig(result.plan);
  const faults = userDataFaults("assets", config, 0, () => config);
  if (faults.length > 0) throw new Error(renderFaults("the host profile has faults:", faults));
  return config;
}

/**
 * The user data of {@link hostCloudConfig} for a profile that is planned already. It is JSON, which every YAML parser
 * reads, so no value can be taken for anything but what it is.
 * Source: https://cloudinit.readthedocs.io/en/latest/reference/modules.html
 */
export function cloudConfig(plan: HostProfilePlan): string {
  const config = {
    write_files: [
      {
        path: HOST_SCRIPT_PATH,
        owner: "root:root",
        permissions: "0755",
        content: bootScript(plan),
      },
    ],
    runcmd: [[HOST_SCRIPT_PATH]],
  };
  return `#cloud-config\n${JSON.stringify(config, undefined, 2)}\n`;
}
