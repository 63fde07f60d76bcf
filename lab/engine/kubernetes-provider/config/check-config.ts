import { hasUnknown, type Properties } from "../../grpc/wire";

/** A fault of one property. */
export interface Failure {
  property: string;
  reason: string;
}

/** Faults of a provider's configuration (unwrapped). */
export function checkConfig(urn: string, news: Properties): Failure[] {
  const failures: Failure[] = [];
  if (news.renderYamlToDirectory !== undefined && news.renderYamlToDirectory !== "") {
    failures.push({
      property: "renderYamlToDirectory",
      reason:
        "this provider stands in for the official one without its render mode; use the official plugin for it",
    });
  }
  if (String(news.alwaysRender) === "true" && news.renderYamlToDirectory === undefined) {
    failures.push({ property: "alwaysRender", reason: "needs renderYamlToDirectory" });
  }
  if (String(news.strictMode) === "true") failures.push(...strictFaults(urn, news));
  return failures;
}

function strictFaults(urn: string, news: Properties): Failure[] {
  if (/::default(_[^:]*)?$/.test(urn)) {
    return [{ property: "strictMode", reason: "strict mode prohibits default provider" }];
  }
  return ["kubeconfig", "context"].flatMap((property) => {
    const value = news[property];
    const given = hasUnknown(value) || (value !== undefined && value !== "");
    return given
      ? []
      : [{ property, reason: `strict mode requires Provider "${property}" argument` }];
  });
}
