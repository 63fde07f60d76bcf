import type { CloudFunction } from "../cloud";
import { textAt } from "../paths";

/** The functions of the Google Cloud provider that programs of this library call. */
export const gcpFunctions: Readonly<Record<string, CloudFunction>> = {
  "gcp:organizations/getClientConfig:getClientConfig": (_, { config }) => ({
    id: `projects/${config.project}/regions/${config.region}/zones/${config.zone}`,
    project: config.project,
    region: config.region,
    zone: config.zone,
    accessToken: "simulated",
    defaultLabels: config.defaultTags,
  }),
  "gcp:organizations/getProject:getProject": (args, { config }) => {
    const project = textAt(args, "projectId") || config.project;
    return {
      id: `projects/${project}`,
      projectId: project,
      name: project,
      number: "123456789012",
      autoCreateNetwork: true,
      billingAccount: "",
      deletionPolicy: "PREVENT",
      effectiveLabels: {},
      folderId: "",
      labels: {},
      orgId: "",
      pulumiLabels: {},
      tags: {},
    };
  },
  "gcp:compute/getZones:getZones": (args, { config }) => {
    const region = textAt(args, "region") || config.region;
    const names = ["a", "b", "c"].map((zone) => `${region}-${zone}`);
    return {
      id: `projects/${config.project}/regions/${region}`,
      project: config.project,
      region,
      names,
    };
  },
  "gcp:container/getEngineVersions:getEngineVersions": (args) => ({
    ...args,
    id: "simulated",
    latestMasterVersion: "1.36.3-gke.1640000",
    latestNodeVersion: "1.36.3-gke.1640000",
    defaultClusterVersion: "1.36.3-gke.1640000",
    validMasterVersions: ["1.36.3-gke.1640000", "1.35.7-gke.1200000"],
    validNodeVersions: ["1.36.3-gke.1640000", "1.35.7-gke.1200000"],
    releaseChannelDefaultVersion: {},
    releaseChannelLatestVersion: {},
    releaseChannelUpgradeTargetVersion: {},
    project: textAt(args, "project"),
  }),
};
