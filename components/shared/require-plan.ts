import * as pulumi from "@pulumi/pulumi";
import { type Planned, renderFault, renderFaults } from "./faults";

/**
 * Returns the plan, or throws one error that names every fault.
 *
 * The error is Pulumi's own `InputPropertiesError`, so a component that is constructed from another
 * language reports each property by itself. Its stack is the message: the faults are the user's, and
 * a trace through our files would only hide them.
 */
export function requirePlan<T>(component: string, name: string, result: Planned<T>): T {
  if (result.ok) return result.plan;
  const count = result.faults.length === 1 ? "1 fault" : `${String(result.faults.length)} faults`;
  const message = renderFaults(`${component} "${name}" has ${count}:`, result.faults);
  const error = new pulumi.InputPropertiesError({
    message,
    errors: result.faults.map((fault) => ({
      propertyPath: fault.path,
      reason: renderFault(fault).slice(fault.path.length + 2),
    })),
  });
  error.stack = message;
  throw error;
}
