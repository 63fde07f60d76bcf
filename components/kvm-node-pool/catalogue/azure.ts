import { MachineArchitecture } from "../../shared/machine-architecture";
import { KvmAccess, type MachineFamily } from "./machine";

const nested: MachineFamily = {
  architecture: MachineArchitecture.Amd64,
  kvm: KvmAccess.Nested,
  image: "Ubuntu",
  kernel: "5.15",
};

/**
 * Families of sizes with Intel processors that expose VT-x to their machines: nothing has to be switched on, and
 * nothing can be. "KVM on agents is not officially supported" (Azure/AKS#573): the node provisioner's proof decides.
 * Sources: https://learn.microsoft.com/azure/virtual-machines/acu, the Azure/AKS blog of 2026-02 (KubeVirt on
 * Standard_D4s_v5), Azure/AKS#5559
 */
export const AZURE_FAMILIES: ReadonlyMap<string, MachineFamily> = new Map(
  ["3", "4", "5"]
    .flatMap((version) =>
      ["D", "E"].flatMap((family) => {
        const kinds = version === "3" ? ["", "s"] : ["", "s", "d", "ds"];
        return kinds.map((kind) => `${family}${kind}_v${version}`);
      }),
    )
    .map((family) => [family, nested]),
);

/** What a size's name tells. */
export interface AzureSize {
  /** As in `Ds_v5`: the family without the number of processors. */
  family: string;
  /** Letters behind the number of processors, as in `ads`. */
  features: string;
  /** As in `D`, `DC`. */
  series: string;
}

/**
 * Splits the name of a size: `Standard_D4s_v5` is family `Ds_v5`.
 * Source: https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions
 */
export function splitSize(type: string): AzureSize | undefined {
  const match = /^Standard_([A-Z]+)[0-9]+(?:-[0-9]+)?([a-z]*)_v([0-9]+)$/.exec(type);
  const [, series, features, version] = match ?? [];
  if (series === undefined || features === undefined || version === undefined) return undefined;
  return { family: `${series}${features}_v${version}`, features, series };
}

/** Why a size gives no `/dev/kvm`, where that is known. */
export function azureRefusal({ features, series }: AzureSize): string | undefined {
  if (/^(DC|EC|NCC)$/.test(series)) {
    return "confidential machines cannot run virtual machines of their own";
  }
  if (features.includes("p")) return "Arm processors have no nested virtualisation on Azure";
  if (features.includes("a")) return "nested virtualisation on AMD sizes is not vouched for";
  return undefined;
}
