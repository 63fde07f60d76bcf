import { RandomId } from "@pulumi/random/randomId";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Eight hexadecimal digits for names that are unique over all of a cloud, or that stay taken after a deletion. They last
 * as long as the store does; one that is made anew gets new ones, also where a change of `keepers` is what replaces it.
 */
export function createSuffix(
  name: string,
  options: pulumi.CustomResourceOptions,
  keepers: Record<string, pulumi.Input<string>> = {},
): pulumi.Output<string> {
  return new RandomId(
    `${name}-suffix`,
    { byteLength: 4, ...(Object.keys(keepers).length > 0 && { keepers }) },
    options,
  ).hex;
}
