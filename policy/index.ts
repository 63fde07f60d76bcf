import {
  PolicyPack,
  type PolicyResource,
  type StackValidationPolicy,
  UnknownValueError,
} from "@pulumi/policy";
import { isProduction } from "./production";
import type { Rule, RuledResource } from "./resource";
import { rules } from "./rules";

const configSchema = {
  properties: {
    productionStacks: { type: "array" as const, items: { type: "string" as const } },
  },
};

/** Every rule looks at the whole stack, since some must see what a resource is made from. */
function policy(rule: Rule): StackValidationPolicy {
  return {
    name: rule.name,
    description: rule.description,
    enforcementLevel: "mandatory",
    ...(rule.productionOnly === true && { configSchema }),
    validateStack: (stack, report) => {
      const { productionStacks } = stack.getConfig<{ productionStacks?: string[] }>();
      for (const resource of stack.resources) {
        const ruled = ruledResource(resource, stack.resources);
        if (rule.productionOnly === true && !isProduction(ruled.stack, productionStacks)) continue;
        for (const problem of known(() => rule.check(ruled))) report(problem, resource.urn);
      }
    },
  };
}

/** At a preview a value may not be known yet: this one resource is judged at the update then, all others now. */
function known(check: () => string[]): string[] {
  try {
    return check();
  } catch (error) {
    if (error instanceof UnknownValueError) return [];
    throw error;
  }
}

function ruledResource(resource: PolicyResource, stack: readonly PolicyResource[]): RuledResource {
  const madeFrom = Object.entries(resource.propertyDependencies).map(
    ([property, sources]) => [property, sources.map(alone)] as const,
  );
  const usedBy = stack
    .filter(({ propertyDependencies }) =>
      Object.values(propertyDependencies).some((sources) =>
        sources.some(({ urn }) => urn === resource.urn),
      ),
    )
    .map(alone);
  return { ...alone(resource), madeFrom: Object.fromEntries(madeFrom), usedBy };
}

function alone(resource: PolicyResource): RuledResource {
  return {
    type: resource.type,
    name: resource.name,
    stack: resource.urn.split("::")[0]?.replace("urn:pulumi:", "") ?? "",
    protected: resource.opts.protect,
    props: resource.props,
    madeFrom: {},
    usedBy: [],
  };
}

new PolicyPack("kvm-fabric", { policies: rules.map(policy) });
