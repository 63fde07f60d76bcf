import * as pulumi from "@pulumi/pulumi";
import { takesHooks } from "../cluster/upgrade-hook";
import { renderFaults } from "../shared/faults";

/** Who runs a data store. */
export const DataStoreMode = {
  /** We do, in the cluster. */
  InCluster: "in-cluster",
  /** A cloud does, for us. */
  Managed: "managed",
  /** Somebody else does: nothing is made. */
  External: "external",
} as const;
/** See the members of the constant of the same name. */
export type DataStoreMode = (typeof DataStoreMode)[keyof typeof DataStoreMode];

/** The classes that make the same kind of store: one store is at most one of each row. */
const CLASSES = {
  Postgres: ["Postgres", "AwsPostgres", "GcpPostgres", "AzurePostgres"],
  Redis: ["Redis", "AwsRedis", "GcpRedis", "AzureRedis"],
} as const;

/** The name of a class that makes a data store. */
export type DataStoreClass = (typeof CLASSES)[keyof typeof CLASSES][number];

/**
 * Refuses, at the preview already, that a store of one name changes who runs it: its data would stay behind, and the users
 * would find an empty store.
 *
 * A program does not know what ran before; the engine's state does. So each store keeps a child `NAME-mode`, a Stash: a
 * value in Pulumi's state that needs no provider, and so is at hand for every class. It carries aliases for the same child
 * of every other class of its kind. Where a program puts an `AwsPostgres` in the place of a `Postgres` of the same name
 * and parent, the engine therefore finds the old child, sees that its value is to change, and asks the hook. Without state
 * to compare, which is a new store, nothing is refused.
 *
 * Source: https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
 */
export function fixMode(
  parent: pulumi.ComponentResource,
  name: string,
  component: DataStoreClass,
  mode: DataStoreMode,
): void {
  const hooks = takesHooks() ? { hooks: { beforeUpdate: [modeHook(component, name)] } } : {};
  const aliases = otherClasses(component).map((other) => ({
    parent: parent.urn.apply((urn) => urnOfClass(urn, other)),
  }));
  new pulumi.Stash(`${name}-mode`, { input: { component, mode } }, { parent, aliases, ...hooks });
}

function modeHook(component: DataStoreClass, name: string): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    `${component}:${name}:mode`,
    ({ oldInputs, newInputs }) => {
      const message = modeChange(name, kept(oldInputs), kept(newInputs));
      if (message !== undefined) throw new Error(message);
    },
    { onDryRun: true },
  );
}

/** What a store's child keeps of it. */
export interface KeptMode {
  component: string;
  mode: string;
}

/** The error for a change of what runs a store; undefined where nothing changes or nothing is known. */
export function modeChange(
  name: string,
  old: KeptMode | undefined,
  wanted: KeptMode | undefined,
): string | undefined {
  if (old === undefined || wanted === undefined) return undefined;
  if (old.component === wanted.component && old.mode === wanted.mode) return undefined;
  return renderFaults(`${wanted.component} "${name}" has 1 fault:`, [
    {
      path: "name",
      problem: `names a store that is ${said(old)}, whose data would stay behind`,
      got: said(wanted),
      allowed: said(old),
      fix:
        `a second store under a new name beside this one: copy the data (dump and restore, or replication), ` +
        `lead its users to the new one, and then take "${name}" out of the program; in a stack's file, which has one ` +
        "store of a kind: stop its users, dump it, take it out with an update of its own, then bring the new one in and restore",
    },
  ]);
}

function said({ component, mode }: KeptMode): string {
  return `${mode} (${component})`;
}

function kept(inputs: Record<string, unknown> | undefined): KeptMode | undefined {
  const input = inputs?.input;
  if (typeof input !== "object" || input === null) return undefined;
  const { component, mode } = { component: undefined, mode: undefined, ...input };
  if (typeof component !== "string" || typeof mode !== "string") return undefined;
  return { component, mode };
}

function otherClasses(component: DataStoreClass): DataStoreClass[] {
  const rows: (readonly DataStoreClass[])[] = Object.values(CLASSES);
  const row = rows.find((classes) => classes.includes(component)) ?? [];
  return row.filter((other) => other !== component);
}

/** The URN of the component of that name and parent, were it of another class: the class is the last part of its type. */
export function urnOfClass(urn: string, component: DataStoreClass): string {
  return urn.replace(/kvm-fabric:index:\w+(::[^$]*)$/, `kvm-fabric:index:${component}$1`);
}
