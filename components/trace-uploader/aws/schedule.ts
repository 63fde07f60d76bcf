import { Role } from "@pulumi/aws/iam/role";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import type { Function as LambdaFunction } from "@pulumi/aws/lambda/function";
import { Schedule } from "@pulumi/aws/scheduler/schedule";
import { ScheduleGroup } from "@pulumi/aws/scheduler/scheduleGroup";
import type { Queue } from "@pulumi/aws/sqs/queue";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument } from "../../shared/iam-statement";
import { scheduleStatements, scheduleTrust } from "./iam";
import type { UploaderKey } from "./key";
import type { AwsTraceUploaderPlan } from "./plan";

/** Creates the schedule, in a group of its own, with a role that starts this function and nothing else. */
export function createSchedule(
  parent: pulumi.Resource,
  plan: AwsTraceUploaderPlan,
  key: UploaderKey,
  started: LambdaFunction,
  queue: Queue,
): Schedule {
  const { intervalMinutes, name, names, tags } = plan;
  const group = new ScheduleGroup(
    name,
    { name: names.schedule, tags: { ...tags, Name: names.schedule } },
    { parent },
  );
  const { policy, role } = createRole(parent, plan, key, { group, queue, started });
  return new Schedule(
    name,
    {
      name: names.schedule,
      description: `Every ${String(intervalMinutes)} minutes`,
      flexibleTimeWindow: { mode: "OFF" },
      groupName: group.name,
      scheduleExpression: `rate(${String(intervalMinutes)} minutes)`,
      target: {
        arn: started.arn,
        deadLetterConfig: { arn: queue.arn },
        input: JSON.stringify({ source: "schedule" }),
        retryPolicy: { maximumEventAgeInSeconds: 600, maximumRetryAttempts: 3 },
        roleArn: role.arn,
      },
    },
    { parent, dependsOn: [policy] },
  );
}

/** What the schedule's role is made for. */
interface Scheduled {
  group: ScheduleGroup;
  queue: Queue;
  started: LambdaFunction;
}

function createRole(
  parent: pulumi.Resource,
  { name, names, tags }: AwsTraceUploaderPlan,
  key: UploaderKey,
  { group, queue, started }: Scheduled,
): { policy: RolePolicy; role: Role } {
  const role = new Role(
    `${name}-schedule`,
    {
      name: names.scheduleRole,
      assumeRolePolicy: pulumi
        .all([group.arn, key.place])
        .apply(([groupArn, { account }]) => scheduleTrust(groupArn, account)),
      tags: { ...tags, Name: names.scheduleRole },
    },
    { parent },
  );
  const policy = new RolePolicy(
    `${name}-schedule`,
    {
      name: "trace-uploader",
      role: role.name,
      policy: pulumi
        .all([started.arn, queue.arn])
        .apply(([functionArn, queueArn]) =>
          policyDocument(scheduleStatements(functionArn, queueArn)),
        ),
    },
    { parent },
  );
  return { policy, role };
}
