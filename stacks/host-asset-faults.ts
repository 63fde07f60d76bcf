import type { HostProfile } from "../components/host-profile/host-profile";
import { assetSetId } from "../components/node-provisioner/asset-set";
import { DEFAULT_ASSETS_ROOT } from "../components/node-provisioner/assets-root";
import type { Fault } from "../components/shared/faults";
import type { FabricConfig } from "./schema";

/**
 * What is wrong between the files that a pool's hosts bring and those that the provisioner wants: another set, or another
 * folder, would be downloaded for nothing. Pure, as all of this file.
 */
export function hostAssetFaults(
  path: string,
  profile: HostProfile | undefined,
  { provisioner }: FabricConfig,
): Fault[] {
  if (profile?.assets === undefined) return [];
  const { assets, assetsRoot = DEFAULT_ASSETS_ROOT, previousAssets = [] } = provisioner;
  const wanted = [assets, ...previousAssets].map(assetSetId);
  const [got, root] = [assetSetId(profile.assets), profile.assetsRoot ?? DEFAULT_ASSETS_ROOT];
  const faults: Fault[] = [];
  if (!wanted.includes(got)) {
    const problem = "another asset set than the provisioner's: hosts would bring what nobody uses";
    faults.push({ path: `${path}.assets`, problem, got, allowed: wanted.join(", ") });
  }
  if (root !== assetsRoot) {
    const problem = "another folder than the provisioner's";
    faults.push({ path: `${path}.assetsRoot`, problem, got: root, fix: `"${assetsRoot}"` });
  }
  return faults;
}
