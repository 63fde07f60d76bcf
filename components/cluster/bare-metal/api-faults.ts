import { parseAddress } from "../../shared/cidr";
import type { Fault } from "../../shared/faults";
import { imageFaults } from "../../shared/images";
import { type BareMetalClusterArgs, HostRole } from "./args";
import { addressFaults } from "./host-faults";

/** Finds what is wrong with the address of the API server. */
export function apiFaults({ api, hosts }: BareMetalClusterArgs): Fault[] {
  const path = "api";
  const servers = hosts.filter(({ role }) => role !== HostRole.Worker);
  if (api === undefined) {
    const problem = "missing: with several servers none of their addresses outlives its host";
    const fix = "a free address with kubeVipImage, or the address of a TCP load balancer";
    return servers.length > 1 ? [{ path, problem, fix }] : [];
  }
  const { address, kubeVipImage, kubeVipInterface } = api;
  return [
    ...addressFaults(`${path}.address`, address),
    ...(kubeVipImage === undefined ? [] : imageFaults(`${path}.kubeVipImage`, kubeVipImage)),
    ...(kubeVipImage === undefined ? [] : sharedAddressFaults(`${path}.address`, address, hosts)),
    ...interfaceFaults(`${path}.kubeVipInterface`, kubeVipInterface, kubeVipImage !== undefined),
  ];
}

function sharedAddressFaults(
  path: string,
  address: unknown,
  hosts: BareMetalClusterArgs["hosts"],
): Fault[] {
  if (typeof address !== "string") return [];
  if (parseAddress(address) === undefined) {
    return [{ path, problem: "kube-vip carries no name", got: address, allowed: "IPv4" }];
  }
  const owner = hosts.find((host) => [host.address, host.publicAddress].includes(address));
  if (owner === undefined) return [];
  const fix = "an address that no machine has";
  return [{ path, problem: `the address of the host ${owner.name}`, got: address, fix }];
}

function interfaceFaults(path: string, got: string | undefined, carried: boolean): Fault[] {
  if (got === undefined) return [];
  if (!carried) return [{ path, problem: "given without kubeVipImage", got }];
  if (/^[A-Za-z0-9][\w.-]{0,14}$/.test(got)) return [];
  const allowed = "at most 15 letters, digits, -, _ and .";
  return [{ path, problem: "not the name of a network interface", got, allowed }];
}
