import { awsDataStores } from "../../../../../../lab/engine/simulated-cloud/clouds/aws/data-stores";
import type {
  CloudKind,
  Scene,
} from "../../../../../../lab/engine/simulated-cloud/clouds/cloud-kind";
import { World } from "../../../../../../lab/engine/simulated-cloud/clouds/world";
import { gcpDataStores } from "../../../../../../lab/engine/simulated-cloud/clouds/gcp/data-stores";

const refusal = (
  kind: CloudKind | undefined,
  inputs: object,
  step: "delete" | "update" = "delete",
) =>
  kind?.refuses?.(
    { world: new World() } as Scene,
    { type: "t", scope: "", id: "x", inputs } as never,
    step,
  );

const rds = awsDataStores["aws:rds/instance:Instance"];
const sql = gcpDataStores["gcp:sql/databaseInstance:DatabaseInstance"];
const redis = gcpDataStores["gcp:redis/instance:Instance"];

test.each<[string, CloudKind | undefined, object, RegExp]>([
  ["RDS", rds, { deletionProtection: true }, /Cannot delete protected DB Instance/],
  [
    "the provider of Cloud SQL",
    sql,
    { deletionProtection: true },
    /deletion_protection is set to true/,
  ],
  [
    "Cloud SQL",
    sql,
    { settings: { deletionProtectionEnabled: true } },
    /The instance is protected/,
  ],
  ["Memorystore", redis, { deletionProtection: true }, /deletion_protection=false/],
])(
  "%s refuses to delete what is protected, in its own words, and nothing else",
  (_, kind, inputs, words) => {
    expect(refusal(kind, inputs)).toMatch(words);
    expect(refusal(kind, inputs, "update")).toBeUndefined();
    expect(refusal(kind, {})).toBeUndefined();
  },
);
