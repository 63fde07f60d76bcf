import { Repository } from "@pulumi/gcp/artifactregistry/repository";
import { RepositoryIamMember } from "@pulumi/gcp/artifactregistry/repositoryIamMember";
import { Function as CloudFunction } from "@pulumi/gcp/cloudfunctionsv2/function";
import { IAMMember } from "@pulumi/gcp/projects/iammember";
import type { Account } from "@pulumi/gcp/serviceaccount/account";
import type { Bucket } from "@pulumi/gcp/storage/bucket";
import { BucketIAMMember } from "@pulumi/gcp/storage/bucketIAMMember";
import { BucketObject } from "@pulumi/gcp/storage/bucketObject";
import * as pulumi from "@pulumi/pulumi";
import { commonEnvironment, queenEnvironment } from "../environment";
import { createCodeBucket } from "./bucket";
import { UPLOADER_ROLES } from "./iam";
import { createAccount, type UploaderIdentity } from "./identity";
import type { GcpTraceUploaderPlan } from "./plan";

/** How long a run may take, in seconds: less than Pub/Sub waits for an answer, which is 600 at most. */
const TIMEOUT_SECONDS = 540;
/** Seconds before its end at which a run begins nothing new. */
const STOP_BEFORE_SECONDS = 45;
const RUN_LIMITS = { timeLimitSeconds: TIMEOUT_SECONDS, stopBeforeSeconds: STOP_BEFORE_SECONDS };

/** Creates the function, built from the bundle by an account of its own. */
export function createFunction(
  parent: pulumi.Resource,
  plan: GcpTraceUploaderPlan,
  identity: UploaderIdentity,
  bucket: pulumi.Output<string>,
  firewalls: readonly pulumi.Resource[],
): CloudFunction {
  const { labels, name, names, network, project } = plan;
  const build = createBuild(parent, plan);
  return new CloudFunction(
    name,
    {
      name: names.function,
      description: "Moves Queen's alerts and traces to Cloud Storage",
      buildConfig: {
        dockerRepository: build.repository.id,
        entryPoint: "uploadTraces",
        runtime: "nodejs22",
        serviceAccount: build.account.id,
        source: { storageSource: { bucket: build.code.name, object: build.object.name } },
      },
      labels,
      location: network.region,
      project,
      serviceConfig: serviceConfig(plan, identity, bucket),
    },
    { parent, dependsOn: [...build.grants, ...firewalls, ...identity.grants] },
  );
}

function serviceConfig(
  plan: GcpTraceUploaderPlan,
  identity: UploaderIdentity,
  bucket: pulumi.Output<string>,
) {
  return {
    ...egress(plan),
    allTrafficOnLatestRevision: true,
    availableCpu: "1",
    availableMemory: "512Mi",
    environmentVariables: {
      ...commonEnvironment(plan, { bucket }, RUN_LIMITS),
      ...queenEnvironment(plan, identity.secretVersionName),
      ...(plan.googleApisAddresses.length > 0 && {
        STORE_ADDRESSES: plan.googleApisAddresses.join(),
      }),
    },
    ingressSettings: "ALLOW_INTERNAL_ONLY",
    // One run at a time: two would move the same files twice over.
    maxInstanceCount: 1,
    maxInstanceRequestConcurrency: 1,
    serviceAccountEmail: identity.account.email,
    timeoutSeconds: TIMEOUT_SECONDS,
  };
}

/** All goes through the network: only there do its rules say where to. */
function egress({ names, network }: GcpTraceUploaderPlan) {
  const through = { network: network.networkId, subnetwork: network.subnetworkId };
  return {
    directVpcEgress: "VPC_EGRESS_ALL_TRAFFIC",
    directVpcNetworkInterfaces: [{ ...through, tags: [names.networkTag] }],
  };
}

/** What a build is made of, and made by. */
interface Build {
  account: Account;
  code: Bucket;
  grants: pulumi.Resource[];
  object: BucketObject;
  repository: Repository;
}

function createBuild(parent: pulumi.Resource, plan: GcpTraceUploaderPlan): Build {
  const { labels, name, names, network, project } = plan;
  const code = createCodeBucket(parent, plan);
  const object = createCode(parent, plan, code);
  const repository = new Repository(
    `${name}-images`,
    {
      cleanupPolicies: [{ id: "newest", action: "KEEP", mostRecentVersions: { keepCount: 3 } }],
      format: "DOCKER",
      labels,
      location: network.region,
      project,
      repositoryId: objectNameOf(names.function),
    },
    { parent },
  );
  const account = createAccount(parent, plan, "build", names.buildAccount, `Builds ${name}`);
  const member = pulumi.interpolate`serviceAccount:${account.email}`;
  const grants = [
    new BucketIAMMember(
      `${name}-build-code`,
      { bucket: code.name, member, role: UPLOADER_ROLES.readCode },
      { parent },
    ),
    new RepositoryIamMember(
      `${name}-build-images`,
      {
        ...{ location: network.region, member, project },
        repository: repository.repositoryId,
        role: UPLOADER_ROLES.writeImages,
      },
      { parent },
    ),
    new IAMMember(
      `${name}-build-logs`,
      { member, project: account.project, role: UPLOADER_ROLES.writeBuildLogs },
      { parent },
    ),
  ];
  return { account, code, grants, object, repository };
}

function objectNameOf(functionName: string): string {
  return `${functionName}-images`;
}

/** The code's name has its content in it, so another bundle is another object, and a new build. */
function createCode(
  parent: pulumi.Resource,
  { bundle, name }: GcpTraceUploaderPlan,
  code: Bucket,
): BucketObject {
  const manifest = JSON.stringify({ name: "trace-uploader", version: "1.0.0", main: "index.js" });
  return new BucketObject(
    `${name}-code`,
    {
      bucket: code.name,
      name: `${bundle.sha256.slice(0, 16)}.zip`,
      source: new pulumi.asset.AssetArchive({
        "index.js": new pulumi.asset.FileAsset(bundle.file),
        "package.json": new pulumi.asset.StringAsset(manifest),
      }),
    },
    { parent },
  );
}
