import { AwsTraceUploader } from "../../../components/trace-uploader/aws/aws-trace-uploader";
import { AzureTraceUploader } from "../../../components/trace-uploader/azure/azure-trace-uploader";
import { GcpTraceUploader } from "../../../components/trace-uploader/gcp/gcp-trace-uploader";
import { TraceUploader } from "../../../components/trace-uploader/kubernetes/trace-uploader";
import type { RuledResource } from "../../../policy/resource";
import { rules } from "../../../policy/rules";
import { type Deployment, deploy, type Registration, reveal } from "../../support/deploy";
import {
  awsLeast,
  azureLeast,
  gcpLeast,
  kubernetesLeast,
} from "../../unit/components/trace-uploader/least";
import { outputsOf } from "./outputs";

jest.mock("../../../components/trace-uploader/bundle", () => ({
  ...jest.requireActual("../../../components/trace-uploader/bundle"),
  readBundle: () => jest.requireActual("../../unit/components/trace-uploader/least").BUNDLE,
}));

const alone = ({ inputs, name, protect, type }: Registration): RuledResource => ({
  ...{ name, type, stack: "prod", protected: protect, madeFrom: {}, usedBy: [] },
  props: reveal(inputs),
});

/** What the policy pack says of all of it, in a stack of production. */
function problemsOf({ resources }: Deployment): string[] {
  const ruled = resources.map((resource) => ({
    ...alone(resource),
    madeFrom: { any: resources.filter(({ urn }) => resource.after.includes(urn)).map(alone) },
    usedBy: resources.filter(({ after }) => after.includes(resource.urn)).map(alone),
  }));
  return ruled.flatMap((resource) =>
    rules.flatMap((rule) =>
      rule.check(resource).map((problem) => `${rule.name}: ${resource.name}: ${problem}`),
    ),
  );
}

const made = {
  AWS: () => new AwsTraceUploader("traces", awsLeast),
  Azure: () => new AzureTraceUploader("traces", azureLeast),
  "Google Cloud": () => new GcpTraceUploader("traces", gcpLeast),
  Kubernetes: () => new TraceUploader("traces", kubernetesLeast),
};

test.each(Object.entries(made))(
  "the pack has nothing against what is made on %s",
  async (_, make) => {
    expect(problemsOf(await deploy(make, { outputsOf }))).toEqual([]);
  },
);

test.each([
  ["aws:s3/bucketPolicy:BucketPolicy", made.AWS, "no policy denies requests without TLS"],
  ["aws:s3/bucketVersioning:BucketVersioning", made.AWS, "it keeps no versions"],
  ["azure-native:storage:BlobServiceProperties", made.Azure, "it keeps no versions"],
])("and would see that %s is missing", async (type, make, problem) => {
  const { resources, ...rest } = await deploy(make, { outputsOf });
  const without = resources.filter((resource) => resource.type !== type);
  expect(problemsOf({ ...rest, resources: without })).toEqual([
    `closed-buckets: traces-traces: ${problem}`,
  ]);
});
