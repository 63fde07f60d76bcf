import * as pulumi from "@pulumi/pulumi";
import type { Fault, Planned } from "../components/shared/faults";
import { partFaults } from "./part-faults";

/** A network of the stack's own, or one that exists: exactly one of the two. */
interface NetworkChoice<Own, Existing> {
  network?: Own;
  existingNetwork?: Existing;
}

/** What is wrong with the choice, and with a network of the stack's own. `plan` is the cloud's planner; `passedOn` as in {@link partFaults}. Pure. */
export function networkFaults<Own>(
  path: string,
  { network, existingNetwork }: NetworkChoice<Own, unknown>,
  plan: (network: Own) => Planned<unknown>,
  passedOn: Readonly<Record<string, string>> = {},
): Fault[] {
  if (network !== undefined && existingNetwork !== undefined) {
    const problem = "given beside existingNetwork";
    return [{ path, problem, fix: "one of network and existingNetwork" }];
  }
  if (existingNetwork !== undefined) return [];
  if (network === undefined) {
    const fix = "network, to make one, or existingNetwork";
    return [{ path, problem: "missing", allowed: "an object", fix }];
  }
  return partFaults(path, plan(network), passedOn);
}

/** The network that exists, or the one that `make` makes. Throws a `RunError` where neither is given. */
export function chosenNetwork<Own, Existing, Made>(
  { network, existingNetwork }: NetworkChoice<Own, Existing>,
  make: (network: Own) => Made,
): Existing | Made {
  if (existingNetwork !== undefined) return existingNetwork;
  // The configuration's check says so first, with all other faults.
  if (network === undefined) throw new pulumi.RunError("network: missing");
  return make(network);
}
