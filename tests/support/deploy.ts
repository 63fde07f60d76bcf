import * as pulumi from "@pulumi/pulumi";

/** The value that stands for "not known yet" in a recorded request. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** One resource as the engine would have been asked to register it. */
export interface Registration {
  type: string;
  name: string;
  /** Logical name of the parent; empty for the stack. */
  parent: string;
  custom: boolean;
  /** Inputs as sent: secrets are wrapped ({@link isSecret}), unknowns are {@link UNKNOWN}. */
  inputs: Record<string, any>;
  /** Logical names of what it depends on, sorted. */
  dependsOn: string[];
  provider: string;
  protect: boolean;
  retainOnDelete: boolean;
  deleteBeforeReplace: boolean | undefined;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  additionalSecretOutputs: string[];
  aliases: any[];
  deletedWith: string;
  customTimeouts: Record<string, string>;
  urn: string;
  /** URNs of what the engine makes before it: what it depends on, its parent and its provider. */
  after: string[];
}

/** All that one run of a program asked of the engine. */
export interface Deployment {
  resources: Registration[];
  invokes: { tok: string; args: any }[];
  /** Outputs that each component registered, by logical name. */
  outputs: Map<string, Record<string, any>>;
  stackOutputs: any;
}

export interface DeployOptions {
  /** Runs as a preview in which every output of a custom resource is unknown. Defaults to false. */
  preview?: boolean;
  config?: Record<string, string>;
  project?: string;
  stack?: string;
  /**
   * Computed outputs of custom resources, merged over their inputs; never called in a preview. `id` among them is the
   * resource's own, which is the name and `-id` otherwise.
   */
  outputsOf?: (type: string, name: string, inputs: any) => Record<string, any>;
  call?: pulumi.runtime.Mocks["call"];
}

/**
 * Runs a program against Pulumi's mock monitor and records whole requests, which the mocks alone do not
 * show: parents, options, dependencies, component outputs. Fails on two resources of one type and name.
 */
export async function deploy(
  program: () => unknown,
  options: DeployOptions = {},
): Promise<Deployment> {
  const preview = options.preview ?? false;
  const deployment: Deployment = {
    resources: [],
    invokes: [],
    outputs: new Map(),
    stackOutputs: undefined,
  };
  await pulumi.runtime.setMocks(
    {
      newResource: ({ custom, inputs, name, type }) => {
        if (!custom) return { id: undefined, state: inputs };
        if (preview) return { id: "", state: {} };
        const { id, ...outputs } = options.outputsOf?.(type, name, inputs) ?? {};
        return { id: id ?? `${name}-id`, state: { ...inputs, ...outputs } };
      },
      call: options.call ?? (() => ({})),
    },
    options.project ?? "kvm-fabric",
    options.stack ?? "dev",
    preview,
  );
  if (options.config) pulumi.runtime.setAllConfig(options.config);
  record(deployment);
  await withShortTraces(async () => {
    const run = () => Promise.resolve(program());
    deployment.stackOutputs = await pulumi.runtime.runInPulumiStack(run);
    await pulumi.runtime.disconnect();
  });
  resolveNames(deployment);
  return deployment;
}

// Pulumi's runtime takes a stack trace with each promise, and jest maps every frame back to its source: half of a run's
// time. Two frames still say where an error comes from.
async function withShortTraces(run: () => Promise<void>): Promise<void> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = Math.min(2, stackTraceLimit);
  try {
    await run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function record(deployment: Deployment): void {
  const monitor: any = pulumi.runtime.getMonitor();
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request: any, callback: any) => {
    const raw = request.toObject();
    register(request, (error: any, response: any) => {
      if (!error) deployment.resources.push(registration(request, raw, response.getUrn()));
      callback(error, response);
    });
  };
  const invoke = monitor.invoke.bind(monitor);
  monitor.invoke = (request: any, callback: any) => {
    deployment.invokes.push({ tok: request.getTok(), args: request.getArgs()?.toJavaScript() });
    invoke(request, callback);
  };
  const outputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request: any, callback: any) => {
    const name = urnName(request.getUrn());
    deployment.outputs.set(name, request.getOutputs()?.toJavaScript() ?? {});
    outputs(request, callback);
  };
}

function registration(request: any, raw: any, urn: string): Registration {
  return {
    type: raw.type,
    name: raw.name,
    parent: raw.parent,
    custom: raw.custom,
    inputs: request.getObject()?.toJavaScript() ?? {},
    dependsOn: raw.dependenciesList,
    provider: raw.provider,
    protect: request.hasProtect() ? raw.protect : false,
    retainOnDelete: request.hasRetainondelete() ? raw.retainondelete : false,
    deleteBeforeReplace: raw.deletebeforereplacedefined ? raw.deletebeforereplace : undefined,
    ignoreChanges: raw.ignorechangesList,
    replaceOnChanges: raw.replaceonchangesList,
    additionalSecretOutputs: raw.additionalsecretoutputsList,
    aliases: raw.aliasesList,
    deletedWith: raw.deletedwith,
    customTimeouts: raw.customtimeouts ?? {},
    urn,
    after: [raw.parent, raw.provider.replace(/::[^:]*$/, ""), ...raw.dependenciesList],
  };
}

/** Turns URNs into logical names, and refuses what the engine would refuse: duplicate URNs. */
function resolveNames(deployment: Deployment): void {
  const seen = new Set<string>();
  for (const resource of deployment.resources) {
    const key = `${resource.type} ${resource.name}`;
    if (seen.has(key)) throw new Error(`two resources are called ${key}`);
    seen.add(key);
    resource.parent = resource.parent.includes("pulumi:pulumi:Stack::")
      ? ""
      : urnName(resource.parent);
    resource.dependsOn = resource.dependsOn.map(urnName).sort();
    resource.deletedWith = urnName(resource.deletedWith);
  }
  deployment.resources = deployment.resources.filter(({ type }) => type !== "pulumi:pulumi:Stack");
}

function urnName(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** True for a value that was sent as a secret. */
export function isSecret(value: any): boolean {
  return typeof value === "object" && value !== null && value[SIGNATURE] === SECRET;
}

/** The value with every secret taken out of its wrapping. */
export function reveal(value: any): any {
  if (isSecret(value)) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, reveal(entry)]));
}

/** The value with every secret replaced by a mark: what may be seen in plain text. */
export function redact(value: any): any {
  if (isSecret(value)) return "[secret]";
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, redact(entry)]));
}

/** One line a resource, `type name < parent`, sorted: the exact tree that a component makes. */
export function tree(deployment: Deployment): string[] {
  return deployment.resources
    .map(({ type, name, parent }) => `${type} ${name} < ${parent === "" ? "stack" : parent}`)
    .sort();
}

/** The one resource of a type and name; fails with what there is where it is not found. */
export function find(deployment: Deployment, type: string, name: string): Registration {
  const found = deployment.resources.find((r) => r.type === type && r.name === name);
  if (!found) throw new Error(`no ${type} ${name} among:\n${tree(deployment).join("\n")}`);
  return found;
}
