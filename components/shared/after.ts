import * as pulumi from "@pulumi/pulumi";

/**
 * A value that is there only after resources are, and that whatever is made from it depends on them: it is created
 * after them and deleted before them.
 *
 * Resources are named through their URNs, which a preview knows already: an update of one of them leaves the value
 * known, so nothing made from it looks as if it changed.
 */
export function after(
  value: pulumi.Input<string>,
  resources: readonly pulumi.Resource[],
): pulumi.Output<string> {
  const before = pulumi.all(resources.map(({ urn }) => urn));
  return pulumi.all([value, before]).apply(([known]) => known);
}
