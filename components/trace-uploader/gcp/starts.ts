import type { Function as CloudFunction } from "@pulumi/gcp/cloudfunctionsv2/function";
import { ServiceIamMember } from "@pulumi/gcp/cloudrunv2/serviceIamMember";
import { Job } from "@pulumi/gcp/cloudscheduler/job";
import { ServiceIdentity } from "@pulumi/gcp/projects/serviceIdentity";
import { Subscription } from "@pulumi/gcp/pubsub/subscription";
import { SubscriptionIAMMember } from "@pulumi/gcp/pubsub/subscriptionIAMMember";
import { Topic } from "@pulumi/gcp/pubsub/topic";
import { TopicIAMMember } from "@pulumi/gcp/pubsub/topicIAMMember";
import type { Account } from "@pulumi/gcp/serviceaccount/account";
import * as pulumi from "@pulumi/pulumi";
import { cronOf } from "../plan";
import { UPLOADER_ROLES } from "./iam";
import { createAccount } from "./identity";
import type { GcpTraceUploaderPlan } from "./plan";

/** How often a start is tried before it is a dead letter: Pub/Sub's least. */
const ATTEMPTS = 5;
/** The longest that Pub/Sub waits for an answer, in seconds. */
const ACK_DEADLINE_SECONDS = 600;

/** What starts the function, and where starts end that came to nothing. */
export interface Starts {
  /** Subscription that keeps dead letters. */
  deadLetters: Subscription;
  /** A message to it starts a run. */
  topic: Topic;
}

/**
 * Creates what starts the function: a schedule writes to a topic, Pub/Sub calls the function with a token of an account
 * that may do that and nothing else, and what failed five times is kept. Cloud Scheduler alone would only log it.
 */
export function createStarts(
  parent: pulumi.Resource,
  plan: GcpTraceUploaderPlan,
  started: CloudFunction,
): Starts {
  const { name } = plan;
  const topic = createTopic(parent, plan, "starts");
  const dead = createTopic(parent, plan, "dead-letters");
  const deadLetters = new Subscription(
    `${name}-dead-letters`,
    {
      ...named(plan, "dead-letters"),
      // Kept until somebody has looked: Pub/Sub's longest.
      expirationPolicy: { ttl: "" },
      messageRetentionDuration: "2678400s",
      topic: dead.id,
    },
    { parent },
  );
  const subscription = createSubscription(parent, plan, started, { dead, topic });
  createSchedule(parent, plan, topic, subscription);
  return { deadLetters, topic };
}

interface Topics {
  dead: Topic;
  topic: Topic;
}

/** Creates what Pub/Sub calls the function by, and the rights that it does so with. */
function createSubscription(
  parent: pulumi.Resource,
  plan: GcpTraceUploaderPlan,
  started: CloudFunction,
  { dead, topic }: Topics,
): Subscription {
  const { name, project } = plan;
  const { account, invoker } = createStarter(parent, plan, started);
  const agent = createAgent(parent, plan);
  const writes = new TopicIAMMember(
    `${name}-dead-letters`,
    { member: agent.member, project, role: UPLOADER_ROLES.writeDeadLetters, topic: dead.name },
    { parent },
  );
  const uri = started.serviceConfig.apply((service) => service?.uri ?? "");
  const subscription = new Subscription(
    `${name}-starts`,
    {
      ...named(plan, "starts"),
      ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
      deadLetterPolicy: { deadLetterTopic: dead.id, maxDeliveryAttempts: ATTEMPTS },
      expirationPolicy: { ttl: "" },
      // A start that is older than this has another one after it.
      messageRetentionDuration: "3600s",
      pushConfig: {
        oidcToken: { audience: uri, serviceAccountEmail: account.email },
        pushEndpoint: uri,
      },
      retryPolicy: { minimumBackoff: "60s", maximumBackoff: "600s" },
      topic: topic.id,
    },
    { parent, dependsOn: [invoker, writes] },
  );
  takeFromStarts(parent, plan, agent, subscription);
  return subscription;
}

/** Lets Pub/Sub's agent take from the subscription what becomes a dead letter. */
function takeFromStarts(
  parent: pulumi.Resource,
  { name, project }: GcpTraceUploaderPlan,
  { member }: ServiceIdentity,
  subscription: Subscription,
): SubscriptionIAMMember {
  return new SubscriptionIAMMember(
    `${name}-starts`,
    { member, project, role: UPLOADER_ROLES.takeFromStarts, subscription: subscription.name },
    { parent },
  );
}

/** Creates the account that starts the function, and may do nothing else. */
function createStarter(
  parent: pulumi.Resource,
  plan: GcpTraceUploaderPlan,
  started: CloudFunction,
): { account: Account; invoker: ServiceIamMember } {
  const { name, names, project } = plan;
  const account = createAccount(parent, plan, "start", names.startAccount, `Starts ${name}`);
  const invoker = new ServiceIamMember(
    `${name}-start`,
    {
      location: plan.network.region,
      member: pulumi.interpolate`serviceAccount:${account.email}`,
      name: started.name,
      project,
      role: UPLOADER_ROLES.start,
    },
    { parent },
  );
  return { account, invoker };
}

function createSchedule(
  parent: pulumi.Resource,
  { intervalMinutes, name, names, network, project }: GcpTraceUploaderPlan,
  topic: Topic,
  subscription: Subscription,
): Job {
  return new Job(
    name,
    {
      name: names.function,
      description: `Every ${String(intervalMinutes)} minutes`,
      project,
      pubsubTarget: {
        data: Buffer.from(JSON.stringify({ source: "schedule" })).toString("base64"),
        topicName: topic.id,
      },
      region: network.region,
      retryConfig: { retryCount: 3 },
      schedule: cronOf(intervalMinutes),
      timeZone: "Etc/UTC",
    },
    // What is written to a topic before it has a subscription is lost.
    { parent, dependsOn: [subscription] },
  );
}

function createTopic(parent: pulumi.Resource, plan: GcpTraceUploaderPlan, suffix: string): Topic {
  return new Topic(`${plan.name}-${suffix}`, named(plan, suffix), { parent });
}

/** Pub/Sub's own account in the project. */
function createAgent(
  parent: pulumi.Resource,
  { name, project }: GcpTraceUploaderPlan,
): ServiceIdentity {
  return new ServiceIdentity(
    `${name}-pubsub-agent`,
    { project, service: "pubsub.googleapis.com" },
    { parent },
  );
}

function named({ labels, names, project }: GcpTraceUploaderPlan, suffix: string) {
  return { labels, name: `${names.function}-${suffix}`, project };
}
