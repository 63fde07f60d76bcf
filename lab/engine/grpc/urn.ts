// urn:pulumi:<stack>::<project>::<parent type>$<type>::<name>; only the name may hold `::` itself.
function parts(urn: string): { qualifiedType: string; name: string } {
  const [head, , qualifiedType, ...name] = urn.split("::");
  if (!head?.startsWith("urn:pulumi:") || qualifiedType === undefined || name.length === 0) {
    throw new Error(`not a Pulumi URN: ${JSON.stringify(urn)}`);
  }
  return { qualifiedType, name: name.join("::") };
}

/** The type token of a resource (`random:index/randomId:RandomId`), without its parents' types. */
export function urnType(urn: string): string {
  const { qualifiedType } = parts(urn);
  return qualifiedType.slice(qualifiedType.lastIndexOf("$") + 1);
}

/** The logical name of a resource. */
export function urnName(urn: string): string {
  return parts(urn).name;
}
