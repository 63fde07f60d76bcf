import type { Fault } from "../../shared/faults";
import { sha256Faults } from "../../shared/images";
import { type BareMetalClusterArgs, Cni, Distribution, Encryption } from "./args";
import { sitesOf } from "./sites";

/** Finds what an argument asks of one distribution that only the other one does. */
export function distributionFaults(args: BareMetalClusterArgs): Fault[] {
  const { distribution = Distribution.K3s, network = {} } = args;
  const { cniManifest: manifest, cni } = network;
  if (distribution === Distribution.K3s) {
    const problem = "given, but k3s installs charts";
    return manifest === undefined ? [] : [{ path: "network.cniManifest", problem }];
  }
  return [
    ...kubeadmLacks(args),
    ...(cni === Cni.None ? [] : manifestFaults(manifest)),
    ...(cni === Cni.None && manifest !== undefined
      ? [{ path: "network.cniManifest", problem: "given, but the caller installs the CNI" }]
      : []),
  ];
}

function manifestFaults(manifest: { sha256: string; url: string } | undefined): Fault[] {
  const path = "network.cniManifest";
  if (manifest === undefined) {
    const fix = `the URL and the SHA-256 of its objects, or network.cni "${Cni.None}"`;
    return [{ path, problem: "missing: kubeadm installs no CNI", fix }];
  }
  const https = /^https:\/\/[A-Za-z0-9][\w.:-]*(\/[\w.~%+-]+)+$/.test(manifest.url);
  const problem = "not an https URL";
  return [
    ...(https ? [] : [{ path: `${path}.url`, problem, allowed: "https://HOST/PATH" }]),
    ...sha256Faults(`${path}.sha256`, manifest.sha256),
  ];
}

/** What is done with k3s alone. */
function kubeadmLacks({ api, hosts, network = {}, snapshots }: BareMetalClusterArgs): Fault[] {
  const k3s = `distribution "${Distribution.K3s}"`;
  const lacks = [
    [api?.kubeVipImage, "api.kubeVipImage", "the address of a TCP load balancer alone"],
    [snapshots?.s3, "snapshots.s3", "what copies the servers' snapshots away"],
    [snapshots?.schedule, "snapshots.schedule", "the one of every six hours"],
    [network.cniChartVersion, "network.cniChartVersion", "network.cniManifest"],
  ] as const;
  const wireGuard = network.encryption === Encryption.WireGuard;
  return [
    ...lacks.flatMap(([value, path, instead]) =>
      value === undefined
        ? []
        : [{ path, problem: "not done with kubeadm here", fix: `${instead}, or ${k3s}` }],
    ),
    ...(wireGuard || sitesOf(hosts).size > 1
      ? [
          {
            path: wireGuard ? "network.encryption" : "hosts",
            problem: "traffic is not encrypted with kubeadm here: hosts share one trusted network",
            fix: k3s,
          },
        ]
      : []),
  ];
}
