import type { Fault } from "../../shared/faults";

/**
 * Companies whose virtual machines have no `/dev/kvm`, by the beginning of their machines' names, and the way out.
 * Sources: mitos-run/mitos documentation, kubevirt/kubevirt#2764 (2026-07); the close of Equinix Metal on 2026-06-30
 */
const WITHOUT_KVM = [
  {
    pattern: /^(hcloud|hetzner-cloud)$|^(cx|cpx|ccx|cax)[0-9]+$/,
    name: "Hetzner Cloud",
    fix: "a dedicated server (AX, EX) of Hetzner Robot",
  },
  {
    pattern: /^(digitalocean|do)$|^(s|c|g|gd|m|so)-[0-9]+vcpu-/,
    name: "DigitalOcean",
    fix: "a dedicated server, or a pool on EKS, GKE or AKS",
  },
  {
    pattern: /^(linode|akamai)$|^g[0-9]+-(nanode|standard|dedicated|highmem)-/,
    name: "Akamai (Linode)",
    fix: "a dedicated server, or a pool on EKS, GKE or AKS",
  },
  {
    pattern: /^(equinix|equinix-metal|packet)$/,
    name: "Equinix Metal, which closed on 2026-06-30,",
    fix: "a dedicated server of another company",
  },
] as const;

/**
 * Refuses a company or machine that is known to give no `/dev/kvm`, before a host is joined to no purpose. What is
 * unknown passes: the node provisioner proves each host.
 */
export function providerFaults(path: string, got: string | undefined): Fault[] {
  const known = WITHOUT_KVM.find(({ pattern }) => pattern.test((got ?? "").toLowerCase()));
  if (known === undefined) return [];
  return [{ path, problem: `${known.name} gives no /dev/kvm`, got, fix: known.fix }];
}
