import type { DestroyOrder } from "../lab/prod/destroy-order";
import type { Deployment, Registration } from "./deploy";

/**
 * Tests that what must be gone before something else stands on it. The lab shows one run of the engine, in which luck
 * may order what nothing orders.
 */
export function describeDestroyOrder(
  { order, stages }: DestroyOrder,
  run: () => Promise<Deployment>,
): void {
  describe("what is destroyed", () => {
    let resources: Registration[];
    let standsOn: Map<string, ReadonlySet<string>>;

    beforeAll(async () => {
      ({ resources } = await run());
      standsOn = closure(resources);
    });

    test.each(order)("%s: gone before %s, since it stands on it", (earlier, later) => {
      const [first, second] = [of(stages[earlier]), of(stages[later])];
      expect([first.length, second.length]).not.toContain(0);
      const unordered = first.flatMap((one) =>
        second
          .filter(({ urn }) => !standsOn.get(one.urn)?.has(urn))
          .map(({ name }) => `${one.name} does not depend on ${name}`),
      );
      expect(unordered).toEqual([]);
    });

    function of(is: DestroyOrder["stages"][string] = () => false): Registration[] {
      return resources.filter(({ type, name }) => is({ type: displayed(type), name, place: 0 }));
    }
  });
}

/** The type as the engine's display has it: `aws:ec2/vpc:Vpc` is `aws:ec2:Vpc`. */
function displayed(type: string): string {
  const [provider, module = "", kind = ""] = type.split(":");
  const isNamedAfterKind = module.split("/").at(-1)?.toLowerCase() === kind.toLowerCase();
  return [
    provider,
    isNamedAfterKind ? module.split("/").slice(0, -1).join("/") : module,
    kind,
  ].join(":");
}

/** For each URN those that must exist before it, and therefore go after it. */
function closure(resources: readonly Registration[]): Map<string, ReadonlySet<string>> {
  const all = new Map<string, ReadonlySet<string>>();
  const direct = new Map(resources.map(({ urn, after }) => [urn, after]));
  const visit = (urn: string): ReadonlySet<string> => {
    const known = all.get(urn);
    if (known) return known;
    const found = new Set<string>();
    for (const one of direct.get(urn) ?? []) {
      found.add(one);
      for (const before of visit(one)) found.add(before);
    }
    all.set(urn, found);
    return found;
  };
  for (const { urn } of resources) visit(urn);
  return all;
}
