import type { Fault } from "../../shared/faults";
import { nodeSkewFaults } from "../versions";
import type { AwsAddOnVersions } from "./args";

/** Every add-on's field, in the order of the arguments. */
const FIELDS = ["coreDns", "ebsCsiDriver", "kubeProxy", "podIdentityAgent", "vpcCni"] as const;

/**
 * Finds what is wrong with the versions of the add-ons. Of kube-proxy the version names the minor version of
 * Kubernetes, which must not be newer than the API server: https://kubernetes.io/releases/version-skew-policy/#kube-proxy
 */
export function addOnFaults(versions: AwsAddOnVersions, kubernetesVersion: string): Fault[] {
  const malformed = FIELDS.flatMap((path) => malformedFaults(path, versions[path]));
  if (malformed.some(({ path }) => path === "kubeProxy")) return malformed;
  const [proxy = ""] = versions.kubeProxy.split("-eksbuild");
  return [...malformed, ...nodeSkewFaults("kubeProxy", proxy, kubernetesVersion)];
}

function malformedFaults(path: string, got: string): Fault[] {
  if (/^v\d+\.\d+\.\d+-eksbuild\.\d+$/.test(got)) return [];
  return [
    {
      path,
      problem: "not an exact version of an EKS add-on",
      got,
      allowed: "as in v1.14.3-eksbuild.16",
      fix: "aws eks describe-addon-versions",
    },
  ];
}
