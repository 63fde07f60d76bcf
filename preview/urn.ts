/** The type of a resource by its URN: `urn:pulumi:stack::project::parent$type::name`. */
export function urnType(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** The logical name of a resource by its URN; a name may hold `::` itself. */
export function urnName(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
