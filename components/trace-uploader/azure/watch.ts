import { Component } from "@pulumi/azure-native/applicationinsights/component";
import { ScheduledQueryRule } from "@pulumi/azure-native/monitor/scheduledQueryRule";
import { Workspace } from "@pulumi/azure-native/operationalinsights/workspace";
import * as pulumi from "@pulumi/pulumi";
import { dataGuard } from "../../shared/data-guard";
import type { AzureTraceUploaderPlan } from "./plan";

/** Where the function app writes what it has to say. */
export interface Telemetry {
  component: Component;
  workspaceId: pulumi.Output<string>;
}

/** Creates the workspace, unless one is given, and the component of Application Insights that writes to it. */
export function createTelemetry(parent: pulumi.Resource, plan: AzureTraceUploaderPlan): Telemetry {
  const { name, nameOf, network, resourceGroupName, tags } = plan;
  const workspaceId = createWorkspace(parent, plan);
  const component = new Component(
    `${name}-insights`,
    {
      applicationType: "web",
      // Telemetry is written with the app's identity, not with a key that is in its settings.
      disableLocalAuth: true,
      ingestionMode: "LogAnalytics",
      kind: "web",
      location: network.location,
      resourceGroupName,
      resourceName: nameOf("insights"),
      tags,
      workspaceResourceId: workspaceId,
    },
    { parent },
  );
  return { component, workspaceId };
}

function createWorkspace(
  parent: pulumi.Resource,
  plan: AzureTraceUploaderPlan,
): pulumi.Output<string> {
  const { logRetentionDays, name, nameOf, network, resourceGroupName, tags, workspaceId } = plan;
  if (workspaceId !== undefined) return pulumi.output(workspaceId);
  return new Workspace(
    `${name}-logs`,
    {
      features: { disableLocalAuth: true },
      location: network.location,
      resourceGroupName,
      retentionInDays: logRetentionDays,
      sku: { name: "PerGB2018" },
      tags,
      workspaceName: nameOf("logs"),
    },
    { parent, ...dataGuard(plan.deletionProtection) },
  ).id;
}

interface Alert {
  operator: "Equals" | "GreaterThan";
  query: string;
  says: string;
  suffix: string;
  threshold: number;
}

/** Creates the alerts, over the last three runs: one that is slow, and one that waits for it, are no reason yet. */
export function createAlerts(
  parent: pulumi.Resource,
  plan: AzureTraceUploaderPlan,
  { component }: Telemetry,
): ScheduledQueryRule[] {
  const { actionGroupId, name, nameOf, network, resourceGroupName, tags } = plan;
  const actions = actionGroupId === undefined ? {} : { actions: { actionGroups: [actionGroupId] } };
  return alertsOf(plan).map(
    ({ operator, query, says, suffix, threshold }) =>
      new ScheduledQueryRule(
        `${name}-${suffix}`,
        {
          ...actions,
          autoMitigate: true,
          criteria: { allOf: [{ operator, query, threshold, ...ONCE }] },
          description: says,
          displayName: nameOf(suffix),
          enabled: true,
          evaluationFrequency: "PT15M",
          kind: "LogAlert",
          location: network.location,
          resourceGroupName,
          ruleName: nameOf(suffix),
          scopes: [component.id],
          severity: 1,
          // The tables are there once the first run has written to them.
          skipQueryValidation: true,
          tags,
          windowSize: windowOf(3 * plan.intervalMinutes),
        },
        { parent },
      ),
  );
}

/** The rows of one window are counted, and one window is enough. */
const ONCE = {
  failingPeriods: { minFailingPeriodsToAlert: 1, numberOfEvaluationPeriods: 1 },
  timeAggregation: "Count",
};

/** The least of the windows that Monitor knows in which three runs fit. */
function windowOf(minutes: number): string {
  const known = [15, 30, 45, 60, 120, 180];
  const window = known.find((one) => one >= minutes) ?? 180;
  return window < 60 ? `PT${String(window)}M` : `PT${String(window / 60)}H`;
}

/** Reports of runs: the uploader writes one line of JSON for each. */
const REPORTS = `traces | extend report = parse_json(message) | where tostring(report.message) == "trace upload"`;

function alertsOf({ nameOf, oldestFileSeconds }: AzureTraceUploaderPlan): Alert[] {
  const queue = nameOf("starts");
  const some = { operator: "GreaterThan" as const, threshold: 0 };
  return [
    {
      ...{ ...some, suffix: "oldest-file", says: "The oldest file waits for too long" },
      query: `${REPORTS} | where tolong(report.oldestAgeSeconds) > ${String(oldestFileSeconds)}`,
    },
    {
      ...{ operator: "Equals", threshold: 0, suffix: "no-report" },
      says: "No run came to see all files: nobody knows how old the oldest is",
      query: `${REPORTS} | where isnotnull(tolong(report.oldestAgeSeconds))`,
    },
    {
      ...{ ...some, suffix: "failures", says: "Files could not be moved; they are tried again" },
      query: `${REPORTS} | where toint(report.failed) > 0`,
    },
    {
      ...{ ...some, suffix: "set-aside" },
      says: "Files were set aside: the notes below .set-aside/ in the container say why",
      query: `${REPORTS} | where toint(report.setAside) > 0`,
    },
    {
      ...{ ...some, suffix: "errors", says: "A run ended with an error, or did not end in time" },
      query: "union requests, exceptions | where itemType == 'exception' or success == false",
    },
    {
      ...{ ...some, suffix: "dead-letters" },
      says: "A run failed five times: its message is in the queue whose name ends in -poison",
      query: `traces | where message has "poison" and message has "${queue}"`,
    },
  ];
}
