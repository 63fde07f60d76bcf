import type { RuledResource } from "../../../../policy/resource";
import { rules } from "../../../../policy/rules";
import { type Registration, reveal } from "../../../support/deploy";
import { CLASSES, runStore, type StoreClass } from "./stores";

function ruled({ inputs, name, protect, type }: Registration): RuledResource {
  const props = reveal(inputs);
  return { type, name, stack: "prod", protected: protect, props, madeFrom: {}, usedBy: [] };
}

/** All that the policy pack says of a store in production, `name: problem`. */
async function problems(kind: StoreClass, args: object = {}): Promise<string[]> {
  const { resources } = await runStore(kind, args);
  const all = resources.filter(({ custom }) => custom).map(ruled);
  const parameters = all.filter(({ type }) => type.endsWith(":ParameterGroup"));
  return all.flatMap((resource) => {
    const seen = { ...resource, madeFrom: { parameterGroupName: parameters } };
    return rules.flatMap((rule) => rule.check(seen).map((text) => `${resource.name}: ${text}`));
  });
}

test.each(CLASSES)("the policy pack finds nothing wrong with the defaults of %s", async (kind) => {
  expect(await problems(kind)).toEqual([]);
});

test.each(CLASSES)("and finds %s without its guard", async (kind) => {
  const found = await problems(kind, { deletionProtection: false });
  expect(found.some((line) => line.startsWith("db: "))).toBe(true);
});
