import type { input as k8s } from "@pulumi/kubernetes/types";

/** A container with no right but the named capabilities. */
export function containerSecurity(add: readonly string[] = []): k8s.core.v1.SecurityContext {
  return {
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"], ...(add.length === 0 ? {} : { add: [...add] }) },
  };
}
