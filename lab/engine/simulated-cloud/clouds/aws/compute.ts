import type { Properties } from "../../../grpc/wire";
import type { CloudKind, Draft, Scene } from "../cloud-kind";
import { textAt, valueAt, valuesAt } from "../paths";
import { effectId, type World, type WorldObject } from "../world";
import { bootData } from "./boot-data";
import { leavesInterfaces } from "./interfaces";
import { awsType } from "./references";

/** Launch templates and the groups of machines that are made from them. */
export const awsCompute: Readonly<Record<string, CloudKind>> = {
  [awsType("ec2/launchTemplate")]: {
    id: "lt-{hex:17}",
    outputs: {
      arn: "arn:{partition}:ec2:{region}:{account}:launch-template/{id}",
      latestVersion: nextVersion,
      defaultVersion: (draft) =>
        draft.inputs.updateDefaultVersion === true
          ? nextVersion(draft)
          : (draft.before.defaultVersion ?? 1),
    },
    check: ({ userData }) => userDataFaults(userData),
    renews: ["latestVersion", "defaultVersion"],
  },
  [awsType("autoscaling/group")]: {
    id: "{name}",
    outputs: {
      arn: "arn:{partition}:autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/{name}",
      desiredCapacity: ({ inputs }) => machinesOf(inputs),
      defaultCooldown: () => 300,
      healthCheckType: () => "EC2",
      predictedCapacity: () => 0,
      warmPoolSize: () => 0,
    },
    defaults: {
      forceDelete: false,
      forceDeleteWarmPool: false,
      healthCheckGracePeriod: 300,
      metricsGranularity: "1Minute",
      protectFromScaleIn: false,
      waitForCapacityTimeout: "10m",
    },
    ...leavesInterfaces("vpcZoneIdentifiers[*]"),
    check: sizeFaults,
    applied: async (scene, object) => {
      await runMachines(scene, object);
      return {};
    },
    refuses: ({ world }, object, step) => capacityRefusal(world, object, step),
    removed: async ({ effects }, group) => effects?.removePool(effectId(group)),
  },
};

// Each change but a rename makes a version, counted from 1.
function nextVersion({ before }: Draft): number {
  return Number(before.latestVersion ?? 0) + 1;
}

function userDataFaults(userData: unknown) {
  if (typeof userData !== "string" || userData === "") return [];
  const isBase64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(userData) && userData.trim().length % 4 === 0;
  return isBase64 ? [] : [{ property: "userData", reason: "must be base64-encoded" }];
}

function sizeFaults({ minSize, maxSize }: Properties) {
  const [least, most] = [Number(minSize), Number(maxSize)];
  if (!(least > most)) return [];
  return [{ property: "minSize", reason: `must be at most maxSize, got ${least} > ${most}` }];
}

// A size that is sent must lie between the limits; where a limit alone moves, the group follows it. The provider sends
// what changed. Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
function capacityRefusal(world: World, object: WorldObject, step: string): string | undefined {
  const { desiredCapacity } = object.inputs;
  const before = world.find(object.type, object.scope, object.id)?.inputs.desiredCapacity;
  if (step === "delete" || desiredCapacity === undefined || desiredCapacity === before) return;
  if (Number(desiredCapacity) === machinesOf(object.inputs)) return;
  return (
    `ValidationError: Desired capacity:${Number(desiredCapacity)} must be between the specified min ` +
    `size:${Number(object.inputs.minSize)} and max size:${Number(object.inputs.maxSize)}`
  );
}

// No scaling of the group's own is simulated.
function machinesOf({ desiredCapacity, minSize, maxSize }: Properties): number {
  const least = Number(minSize ?? 0);
  const wanted = Number(desiredCapacity ?? least);
  return Math.min(Math.max(wanted, least), Number(maxSize ?? wanted));
}

// The machines join the cluster that their boot data names, as nodeadm would make them.
async function runMachines(scene: Scene, group: WorldObject): Promise<void> {
  const template = templateOf(scene.world, group);
  const data = bootData(textAt(template?.inputs, "userData"));
  const cluster = scene.world
    .all(awsType("eks/cluster"))
    .find(({ state }) => state.name === data.clusterName);
  const wrong = cluster
    ? mismatch(cluster, data)
    : `no cluster ${JSON.stringify(data.clusterName)}`;
  if (wrong !== undefined) scene.note(`machines of ${group.id} join no cluster: ${wrong}`);
  if (!cluster) return;
  await scene.effects?.setPool({
    id: effectId(group),
    clusterId: effectId(cluster),
    name: group.id,
    count: wrong === undefined ? machinesOf(group.inputs) : 0,
    machineType: machineTypeOf(group, template),
    zones: zonesOf(scene.world, group),
    labels: data.labels,
    taints: data.taints,
  });
}

function mismatch(cluster: WorldObject, data: ReturnType<typeof bootData>): string | undefined {
  const authority = textAt(cluster.state, "certificateAuthority.data");
  if (data.endpoint !== textAt(cluster.state, "endpoint")) return `wrong endpoint ${data.endpoint}`;
  return data.certificateAuthority === authority ? undefined : "wrong certificate authority";
}

function templateOf(world: World, { inputs }: WorldObject): WorldObject | undefined {
  const mixed = valueAt(inputs, "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification");
  const names = [
    textAt(inputs, "launchTemplate.id"),
    textAt(inputs, "launchTemplate.name"),
    textAt(mixed, "launchTemplateId"),
    textAt(mixed, "launchTemplateName"),
  ].filter((name) => name !== "");
  return world
    .all(awsType("ec2/launchTemplate"))
    .find(({ id, inputs }) => names.includes(id) || names.includes(textAt(inputs, "name")));
}

function machineTypeOf(group: WorldObject, template: WorldObject | undefined): string {
  const overrides = valuesAt(
    group.inputs,
    "mixedInstancesPolicy.launchTemplate.overrides[*].instanceType",
  );
  const [first] = overrides;
  return typeof first === "string" ? first : textAt(template?.inputs, "instanceType");
}

/** The zones of the subnets that a pool names. */
export function zonesOf(world: World, { inputs }: WorldObject): string[] {
  const ids = new Set([
    ...valuesAt(inputs, "vpcZoneIdentifiers[*]"),
    ...valuesAt(inputs, "subnetIds[*]"),
  ]);
  const subnets = world.all(awsType("ec2/subnet")).filter(({ id }) => ids.has(id));
  const zones = subnets.map(({ state }) => textAt(state, "availabilityZone"));
  return [...new Set([...zones, ...valuesAt(inputs, "availabilityZones[*]").map(String)])].sort();
}
