/**
 * All that the function may do with the bucket: create objects, read and list them. It can neither delete one nor, which
 * Cloud Storage takes for the same right, replace one.
 * Source: https://cloud.google.com/storage/docs/access-control/iam-permissions
 */
export const ARCHIVE_PERMISSIONS: readonly string[] = Object.freeze([
  "storage.objects.create",
  "storage.objects.get",
  "storage.objects.list",
]);

/** Roles that are given, each on one resource; by what for. */
export const UPLOADER_ROLES = Object.freeze({
  /** To the function, on its secret. */
  readIdentity: "roles/secretmanager.secretAccessor",
  /** To the build, on the bucket of the code. */
  readCode: "roles/storage.objectViewer",
  /** To the build, on the repository of its images. */
  writeImages: "roles/artifactregistry.writer",
  /** To the build, on the project: builds write their logs nowhere else. */
  writeBuildLogs: "roles/logging.logWriter",
  /** To Pub/Sub's starts, on the function's service. */
  start: "roles/run.invoker",
  /** To Pub/Sub's agent, on the topic of dead letters. */
  writeDeadLetters: "roles/pubsub.publisher",
  /** To Pub/Sub's agent, on the subscription that letters are taken from. */
  takeFromStarts: "roles/pubsub.subscriber",
});
