import { BlockList, isIP } from "node:net";
import { addressBlockFaults } from "../shared/address-blocks";
import { certificateFaults } from "../shared/certificates";
import type { Fault } from "../shared/faults";
import { imageFaults } from "../shared/images";
import { IssuerKind } from "../shared/issuer-kind";
import { memberFaults, requiredMemberFaults } from "../shared/members";
import { instanceNameFaults } from "../shared/names";
import { domainFaults } from "../shared/node-contract";
import { wholeNumberFaults } from "../shared/numbers";
import { cpuFaults } from "../shared/quantities";
import { tolerationFaults } from "../shared/tolerations";
import { fileFaults, machineFaults, pathFaults, selectorFaults } from "../vm-pod/faults";
import {
  METADATA_ADDRESSES,
  POD_IDENTITY_ADDRESSES,
  WIRE_SERVER,
} from "../worker/network/metadata";
import { type QueenArgs, QueenCloud } from "./args";
import { consumerFaults } from "./consumer-faults";
import { outOfServiceFaults } from "./node-loss";

/** Finds everything that is wrong with the arguments of a Queen. */
export function queenFaults(name: string, args: QueenArgs): Fault[] {
  return [
    ...instanceNameFaults(name),
    ...imageFaults("image", args.image),
    ...imageFaults("proxyImage", args.proxyImage),
    ...(args.domain === undefined ? [] : domainFaults("domain", args.domain)),
    ...placementFaults(args),
    ...guestFaults(args),
    ...certificatesFaults(args),
    ...consumerFaults(name, args),
    ...balancerFaults(args),
  ];
}

function placementFaults(args: QueenArgs): Fault[] {
  const files = args.assetFiles ?? [];
  return [
    ...pathFaults("assetsMountPath", args.assetsMountPath),
    ...pathFaults("assetsRoot", args.assetsRoot),
    ...files.flatMap((file, index) => fileFaults(`assetFiles[${index}]`, file)),
    ...cpuFaults("cpu", args.cpu),
    ...selectorFaults(args.nodeSelector),
    ...tolerationFaults("tolerations", args.tolerations),
    ...outOfServiceFaults("tolerations", args.tolerations),
    ...wholeNumberFaults("storageGib", args.storageGib, 2, 65_536),
    ...wholeNumberFaults(
      "terminationGracePeriodSeconds",
      args.terminationGracePeriodSeconds,
      1,
      86_400,
    ),
  ];
}

function guestFaults({ guest = {} }: QueenArgs): Fault[] {
  const faults = [
    ...machineFaults("guest", guest),
    ...wholeNumberFaults("guest.fabricPort", guest.fabricPort, 1, 65_535),
    ...wholeNumberFaults("guest.uploadsPort", guest.uploadsPort, 1, 65_535),
    ...egressFaults("guest.egressCidrs", guest.egressCidrs ?? []),
  ];
  const { fabricPort = 564, uploadsPort = 565 } = guest;
  if (fabricPort === uploadsPort) {
    const problem = "the port of what workers see, so uploaders would see all of it";
    faults.push({ path: "guest.uploadsPort", problem, got: uploadsPort });
  }
  return faults;
}

/** The guest has no packet filter of its own, and what lies there is the node's identity or the pod's. */
const NOBODYS_BUSINESS = [
  ...METADATA_ADDRESSES.ipv4,
  ...METADATA_ADDRESSES.ipv6,
  ...POD_IDENTITY_ADDRESSES.ipv4,
  ...POD_IDENTITY_ADDRESSES.ipv6,
  WIRE_SERVER,
];

function egressFaults(path: string, cidrs: readonly string[]): Fault[] {
  const faults = addressBlockFaults(path, cidrs);
  if (faults.length > 0) return faults;
  return cidrs.flatMap((cidr, index) => {
    const held = NOBODYS_BUSINESS.find((address) => holds(cidr, address));
    if (held === undefined) return [];
    const problem = `holds ${held}, where clouds hand out identities`;
    const fix = "the blocks of those who are called";
    return [{ path: `${path}[${index}]`, problem, got: cidr, fix }];
  });
}

function holds(cidr: string, address: string): boolean {
  const [first = "", length = ""] = cidr.split("/");
  const [kind, other] = [isIP(first), isIP(address)].map((one) => (one === 4 ? "ipv4" : "ipv6"));
  if (kind === undefined || kind !== other) return false;
  const block = new BlockList();
  block.addSubnet(first, Number(length), kind);
  return block.check(address, kind);
}

function certificatesFaults({ certificates = {} }: QueenArgs): Fault[] {
  const { issuer, leafDays, trustedCertificates = [] } = certificates;
  const path = "certificates";
  return [
    ...wholeNumberFaults(`${path}.leafDays`, leafDays, 1, 3650),
    ...memberFaults(`${path}.issuer.kind`, issuer?.kind, Object.values(IssuerKind)),
    ...certificateFaults(`${path}.issuer.caCertificate`, issuer?.caCertificate),
    ...trustedCertificates.flatMap((certificate, index) =>
      certificateFaults(`${path}.trustedCertificates[${index}]`, certificate),
    ),
  ];
}

function balancerFaults({ loadBalancer }: QueenArgs): Fault[] {
  if (loadBalancer === undefined) return [];
  const { allowedCidrs, cloud } = loadBalancer;
  const path = "loadBalancer.allowedCidrs";
  const everywhere = allowedCidrs.flatMap((cidr, index): Fault[] =>
    cidr.endsWith("/0")
      ? [{ path: `${path}[${index}]`, problem: "everybody's addresses", got: cidr }]
      : [],
  );
  return [
    ...requiredMemberFaults("loadBalancer.cloud", cloud, Object.values(QueenCloud)),
    ...addressBlockFaults(path, allowedCidrs),
    ...everywhere,
    ...(allowedCidrs.length === 0
      ? [{ path, problem: "empty", fix: "the addresses of the uploaders' subnets" }]
      : []),
  ];
}
