import { Firewall } from "@pulumi/gcp/compute/firewall";
import type { Resource } from "@pulumi/pulumi";
import type { GcpTraceUploaderPlan } from "./plan";

/** Creates the rules of what the function reaches: Queen, Google's APIs, and nothing else. */
export function createFirewalls(parent: Resource, plan: GcpTraceUploaderPlan): Firewall[] {
  const { googleApisCidrs, name, names, network, project, queenCidrs, queenPort } = plan;
  const rule = (suffix: string, rest: object) =>
    new Firewall(
      `${name}-${suffix}`,
      {
        name: `${names.function}-${suffix}`,
        direction: "EGRESS",
        network: network.networkId,
        project,
        targetTags: [names.networkTag],
        ...rest,
      },
      { parent },
    );
  const allow = (suffix: string, port: number, destinationRanges: readonly string[]) =>
    rule(suffix, {
      allows: [{ protocol: "tcp", ports: [String(port)] }],
      destinationRanges,
      priority: 1000,
    });
  const deny = (suffix: string, range: string) =>
    rule(suffix, {
      denies: [{ protocol: "all" }],
      destinationRanges: [range],
      priority: 1100,
    });
  return [
    allow("to-queen", queenPort, queenCidrs),
    allow("to-apis", 443, googleApisCidrs),
    // A rule is for one version of the protocol.
    deny("to-nothing", "0.0.0.0/0"),
    deny("to-nothing-v6", "::/0"),
  ];
}
