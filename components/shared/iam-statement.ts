/** What a condition compares with: by operator, then by key. */
export type Condition = Record<string, Record<string, string | string[]>>;

/** One statement of a policy of permissions. */
export interface Statement {
  Sid: string;
  Effect: "Allow";
  Action: string | string[];
  Resource: string | string[];
  Condition?: Condition;
}

/** A statement that allows. */
export function allow(
  sid: string,
  actions: string | string[],
  resources: string | string[],
  condition?: Condition,
): Statement {
  return {
    Sid: sid,
    Effect: "Allow",
    Action: actions,
    Resource: resources,
    ...(condition && { Condition: condition }),
  };
}

/** A policy as IAM takes it, without white space. */
export function policyDocument(statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
