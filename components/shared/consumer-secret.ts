import { type Output, Resource, ResourceError } from "@pulumi/pulumi";

/**
 * Looks up the name of one consumer's Secret. Where there is no such consumer, this fails before any resource exists, names
 * those that there are, and shows no stack: that would lead into this project's files.
 */
export function consumerSecret(
  owner: { what: string; component: unknown },
  secretNames: Record<string, Output<string>>,
  consumer: string,
): Output<string> {
  const names = new Map(Object.entries(secretNames));
  const name = names.get(consumer);
  if (name !== undefined) return name;
  const known = [...names.keys()].sort().join(", ");
  const problem = `${owner.what} has no consumer "${consumer}", allowed ${known || "none"}`;
  const { component } = owner;
  throw new ResourceError(problem, Resource.isInstance(component) ? component : undefined, true);
}
