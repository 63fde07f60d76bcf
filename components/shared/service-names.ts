import * as pulumi from "@pulumi/pulumi";

/** The names by which pods of the cluster call a Service, for a certificate: the one that our own consumers call is first. */
export function serviceNames(
  service: string,
  namespace: pulumi.Input<string>,
): pulumi.Input<string>[] {
  const qualified = pulumi.interpolate`${service}.${namespace}`;
  return [
    pulumi.interpolate`${qualified}.svc`,
    pulumi.interpolate`${qualified}.svc.cluster.local`,
    qualified,
    service,
  ];
}
