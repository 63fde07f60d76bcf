import type { CloudKind, Value } from "../cloud-kind";
import { awsAccess } from "./access";
import { awsCompute } from "./compute";
import { awsDataStores } from "./data-stores";
import { awsEks } from "./eks";
import { awsNetwork } from "./network";

/** The kinds of AWS that have more to them than an ARN of the usual form. */
export const awsKinds: Readonly<Record<string, CloudKind>> = {
  ...awsNetwork,
  ...awsAccess,
  ...awsCompute,
  ...awsDataStores,
  ...awsEks,
};

/** How a kind of AWS behaves that no table describes: `sfn/stateMachine` gets an ARN of service sfn. */
export function otherAwsKind(type: string): CloudKind {
  const [service = "", own = ""] = (type.split(":")[1] ?? "").split("/");
  const arn: Value = `arn:{partition}:${service}:{region}:{account}:${own}/{id}`;
  return { id: `${own.toLowerCase()}-{hex:17}`, outputs: { arn } };
}
