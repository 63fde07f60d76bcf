import { AwsTraceUploader } from "../../../components/trace-uploader/aws/aws-trace-uploader";
import { AzureTraceUploader } from "../../../components/trace-uploader/azure/azure-trace-uploader";
import { NODE_OPTIONS } from "../../../components/trace-uploader/environment";
import { GcpTraceUploader } from "../../../components/trace-uploader/gcp/gcp-trace-uploader";
import { TraceUploader } from "../../../components/trace-uploader/kubernetes/trace-uploader";
import { deploy, find, reveal } from "../../support/deploy";
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

/** What runs the program, and its variables. */
const programs: [string, () => unknown, string, (inputs: any) => unknown][] = [
  [
    "AWS",
    () => new AwsTraceUploader("traces", awsLeast),
    "aws:lambda/function:Function",
    ({ environment }) => environment.variables.NODE_OPTIONS,
  ],
  [
    "Azure",
    () => new AzureTraceUploader("traces", azureLeast),
    "azure-native:web:WebApp",
    ({ siteConfig }) => named(siteConfig.appSettings),
  ],
  [
    "Google Cloud",
    () => new GcpTraceUploader("traces", gcpLeast),
    "gcp:cloudfunctionsv2/function:Function",
    ({ serviceConfig }) => serviceConfig.environmentVariables.NODE_OPTIONS,
  ],
  [
    "Kubernetes",
    () => new TraceUploader("traces", kubernetesLeast),
    "kubernetes:batch/v1:CronJob",
    ({ spec }) => named(spec.jobTemplate.spec.template.spec.containers[0].env),
  ],
];

const named = (variables: any[]) => variables.find(({ name }) => name === "NODE_OPTIONS")?.value;

test.each(programs)(
  "on %s Node.js keeps its heap as small as it was measured with",
  async (_, make, type, optionsOf) => {
    const { inputs } = find(await deploy(make, { outputsOf }), type, "traces");
    expect(optionsOf(reveal(inputs))).toBe(NODE_OPTIONS);
  },
);

// V8 lets a heap below 256 MiB grow by a third before it collects, a longer one fourfold; the fullest lists of a run need 36.
test("the old space is small enough for V8 to collect early, and has room for the longest lists", () => {
  const [, mib] = /--max-old-space-size=(\d+)$/.exec(NODE_OPTIONS) ?? [];
  expect(Number(mib)).toBeGreaterThanOrEqual(72);
  expect(Number(mib)).toBeLessThan(256);
});
