import * as pulumi from "@pulumi/pulumi";
import type { QueenPlan } from "./plan";

/** The name that every consumer asks for in Queen's certificate, by whatever way it came. */
export function serverName({ names, namespace }: QueenPlan): pulumi.Output<string> {
  return pulumi.interpolate`${names.queen}.${namespace}.svc`;
}

/** All names in Queen's certificate: those of both Services. */
export function serverNames(plan: QueenPlan): pulumi.Output<string>[] {
  const { names, namespace } = plan;
  return [
    serverName(plan),
    pulumi.interpolate`${names.queen}.${namespace}.svc.cluster.local`,
    pulumi.interpolate`${names.uploads}.${namespace}.svc`,
    pulumi.interpolate`${names.uploads}.${namespace}.svc.cluster.local`,
  ];
}
