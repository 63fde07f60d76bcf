import type { Fault } from "../shared/faults";

/** Folder on the nodes that workers and provisioner agree on where none is given. */
export const DEFAULT_ASSETS_ROOT = "/var/lib/kvm-fabric";

const systemFolders = /^\/(bin|boot|dev|etc|home|lib|lib64|proc|root|run|sbin|sys|tmp|usr)(\/|$)/;

/** Checks the folder that a provisioner or an installer owns on its nodes. Nothing at all is no fault. */
export function assetsRootFaults(path: string, assetsRoot: string = DEFAULT_ASSETS_ROOT): Fault[] {
  const wellFormed = /^(\/[A-Za-z0-9_][\w.-]*){2,}$/.test(assetsRoot) && assetsRoot.length <= 200;
  if (wellFormed && !systemFolders.test(assetsRoot) && !/^\/var\/run(\/|$)/.test(assetsRoot))
    return [];
  return [
    {
      path,
      problem: "not a folder that the provisioner may own on its nodes",
      got: assetsRoot,
      allowed:
        "an absolute path of two folders or more that survives a reboot, outside the system's",
      fix: `"${DEFAULT_ASSETS_ROOT}"`,
    },
  ];
}
