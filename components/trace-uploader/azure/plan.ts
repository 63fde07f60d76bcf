import type { Input } from "@pulumi/pulumi";
import type { AzureNetworkRef } from "../../network/network-ref";
import { isWithin, parseNetwork, PRIVATE_RANGES } from "../../shared/cidr";
import { type Fault, type Planned, planned } from "../../shared/faults";
import { nameFaults, objectName } from "../../shared/names";
import { wholeNumberFaults } from "../../shared/numbers";
import { patternFaults } from "../../shared/patterns";
import { type Bundle, bundleFaults, readBundle } from "../bundle";
import { uploadsFaults, uploadsPlan, type UploadsPlan } from "../plan";
import { rangesFaults } from "../ranges";
import type { AzureExistingContainer, AzureTraceUploaderArgs } from "./args";

/** An uploader on Azure, with every default filled in. */
export interface AzureTraceUploaderPlan extends UploadsPlan {
  /** Logical name. */
  name: string;
  actionGroupId: Input<string> | undefined;
  bundle: Bundle;
  deletionProtection: boolean;
  existingContainer: AzureExistingContainer | undefined;
  maxInstances: number;
  /** Names of what lies in the resource group, by a word. */
  nameOf: (word: string) => string;
  network: AzureNetworkRef;
  queenCidrs: string[];
  resourceGroupName: Input<string>;
  subnetCidr: string;
  tags: Record<string, string>;
  workspaceId: Input<string> | undefined;
}

/** The longest name of what lies in a resource group here: a queue of 63, behind which the host writes `-poison`. */
const LONGEST = 50;

/** Plans an uploader, or names everything that is wrong with its arguments. */
export function planAzureTraceUploader(
  name: string,
  args: AzureTraceUploaderArgs,
  bundle: Bundle | undefined = readBundle("azure"),
): Planned<AzureTraceUploaderPlan> {
  return planned(azureFaults(name, args, bundle), () => ({
    ...uploadsPlan(args),
    name,
    actionGroupId: args.actionGroupId,
    bundle: bundle ?? { file: "", sha256: "", text: "" },
    deletionProtection: args.deletionProtection ?? true,
    existingContainer: args.existingContainer,
    maxInstances: args.maxInstances ?? 1,
    nameOf: (word) => objectName([name, word], LONGEST),
    network: args.network,
    queenCidrs: args.queenCidrs,
    resourceGroupName: args.resourceGroupName ?? args.network.resourceGroupName,
    subnetCidr: args.subnetCidr,
    tags: args.tags ?? {},
    workspaceId: args.workspaceId,
  }));
}

function azureFaults(
  name: string,
  args: AzureTraceUploaderArgs,
  bundle: Bundle | undefined,
): Fault[] {
  return [
    ...nameFaults("name", name),
    ...bundleFaults("azure", bundle),
    ...uploadsFaults(args),
    ...wholeNumberFaults("logRetentionDays", args.logRetentionDays, 30, 730),
    ...rangesFaults("queenCidrs", args.queenCidrs),
    ...wholeNumberFaults("maxInstances", args.maxInstances, 1, 1000),
    ...subnetFaults(args.subnetCidr),
    ...patternFaults(
      "actionGroupId",
      args.actionGroupId,
      /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/microsoft\.insights\/actionGroups\/[^/]+$/i,
      "not the id of an action group",
      "/subscriptions/S/resourceGroups/G/providers/Microsoft.Insights/actionGroups/NAME",
    ),
    ...existingFaults(args),
  ];
}

/** Source: https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to#configure-virtual-network-integration */
function subnetFaults(got: string): Fault[] {
  const path = "subnetCidr";
  const range = parseNetwork(got);
  const allowed = "a private range from /24 to /28, as in 10.0.250.0/27";
  if (range === undefined) return [{ path, problem: "not a range of addresses", got, allowed }];
  if (range.prefix >= 24 && range.prefix <= 28 && isWithin(range, PRIVATE_RANGES)) return [];
  return [{ path, problem: "not a range for a subnet of functions", got, allowed }];
}

function existingFaults({ existingContainer, lifecycle }: AzureTraceUploaderArgs): Fault[] {
  if (existingContainer === undefined || lifecycle === undefined) return [];
  const problem = "given, but an existing account keeps its own rules";
  return [{ path: "lifecycle", problem, fix: "to leave it out" }];
}
