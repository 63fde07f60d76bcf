import { AwsTraceUploader } from "../../../components/trace-uploader/aws/aws-trace-uploader";
import { AzureTraceUploader } from "../../../components/trace-uploader/azure/azure-trace-uploader";
import { GcpTraceUploader } from "../../../components/trace-uploader/gcp/gcp-trace-uploader";
import { TraceUploader } from "../../../components/trace-uploader/kubernetes/trace-uploader";
import { deploy, tree } from "../../support/deploy";
import {
  awsLeast,
  azureLeast,
  gcpLeast,
  kubernetesLeast,
} from "../../unit/components/trace-uploader/least";
import { providerFaults } from "../provider-checks/provider-check";
import { outputsOf } from "./outputs";
import { awsWhole, azureWhole, gcpWhole, kubernetesWhole } from "./whole";

jest.mock("../../../components/trace-uploader/bundle", () => ({
  ...jest.requireActual("../../../components/trace-uploader/bundle"),
  readBundle: () => jest.requireActual("../../unit/components/trace-uploader/least").BUNDLE,
}));

test.each([
  ["AWS, the least", () => new AwsTraceUploader("traces", awsLeast)],
  ["AWS, the whole", () => new AwsTraceUploader("traces", awsWhole)],
  ["Azure, the least", () => new AzureTraceUploader("traces", azureLeast)],
  ["Azure, the whole", () => new AzureTraceUploader("traces", azureWhole)],
  ["Google Cloud, the least", () => new GcpTraceUploader("traces", gcpLeast)],
  ["Google Cloud, the whole", () => new GcpTraceUploader("traces", gcpWhole)],
  ["Kubernetes, the least", () => new TraceUploader("traces", kubernetesLeast)],
  ["Kubernetes, the whole", () => new TraceUploader("traces", kubernetesWhole)],
])("the providers take what is made of it on %s, known or not", async (_, make) => {
  const known = await deploy(make, { outputsOf });
  expect(await providerFaults(known)).toEqual([]);
  const unknown = await deploy(make, { outputsOf, preview: true });
  expect(await providerFaults(unknown)).toEqual([]);
  expect(tree(unknown)).toEqual(tree(known));
});
