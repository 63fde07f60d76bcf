import { conditionOf, fieldAt, isRecord, type KubeObject } from "../../../kube/objects";
import { parsePath } from "../diff/property-path";
import { waitingFor, type AwaitRule } from "./readiness";

/**
 * The rule of the annotation `pulumi.com/waitFor`: one expression or a JSON list of them, all of which must
 * hold; `condition=Type[=Status]`, or `jsonpath={.a.b[0]}[=value]` with plain keys and indices.
 * Throws an Error for anything else.
 */
export function waitForRule(annotation: string): AwaitRule {
  const expressions = parseExpressions(annotation);
  const checks = expressions.map(parseExpression);
  return {
    evaluate: (live) =>
      waitingFor(
        ...checks.map((holds, at) => !holds(live) && `${expressions[at] ?? ""} does not hold yet`),
      ),
  };
}

function parseExpressions(annotation: string): string[] {
  if (!annotation.trimStart().startsWith("[")) return [annotation];
  const list: unknown = JSON.parse(annotation);
  const isList =
    Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === "string");
  if (isList) return list.map(String);
  throw new Error("pulumi.com/waitFor: the list must hold at least one expression");
}

function parseExpression(expression: string): (live: KubeObject) => boolean {
  const condition = /^condition=([^=]+)(?:=(.*))?$/.exec(expression);
  if (condition) {
    const [, type = "", status = "True"] = condition;
    return (live) => conditionOf(live, type)?.status.toLowerCase() === status.toLowerCase();
  }
  const jsonpath = /^jsonpath=\{?\.?([^}=]+)\}?(?:=(.*))?$/.exec(expression);
  if (!jsonpath) {
    throw new Error(
      `pulumi.com/waitFor: expected condition=... or jsonpath=..., got ${expression}`,
    );
  }
  const [, path = "", value] = jsonpath;
  const steps = parsePath(path);
  return (live) => {
    const found = fieldAt(live, ...steps);
    if (value === undefined) return found !== undefined && found !== null;
    return (isRecord(found) ? JSON.stringify(found) : String(found)) === value;
  };
}
