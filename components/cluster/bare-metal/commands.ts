import { Command, type CommandArgs } from "@pulumi/command/remote";
import * as pulumi from "@pulumi/pulumi";
import type { HostAccess } from "./args";
import { remoteCommand } from "./quote";

/** How one machine is logged in to. */
export interface Login {
  address: pulumi.Input<string>;
  hostKey: pulumi.Input<string>;
  port: pulumi.Input<number>;
  user: pulumi.Input<string>;
}

/** The scripts of one step on one host, without anything secret. */
export interface Scripts {
  create?: pulumi.Input<string>;
  remove?: pulumi.Input<string>;
  /** What the scripts read from standard input; secret. */
  stdin?: pulumi.Input<string>;
  /** True where the output is secret. Defaults to false. */
  secretOutput?: boolean;
  /** A change makes the step anew instead of running it again. */
  triggers?: pulumi.Input<string>[];
}

/**
 * Runs a step on a host, as root. A change of a script or of its input runs it again in place; another address is
 * another host, so the step is taken back there first. Nothing is passed through the environment: SSH servers refuse
 * variables that they do not know, and then the step fails.
 */
export function hostCommand(
  name: string,
  login: Login,
  access: HostAccess,
  scripts: Scripts,
  options: pulumi.CustomResourceOptions,
): Command {
  const { create, remove, stdin, secretOutput = false, triggers } = scripts;
  const asRoot = (script: pulumi.Input<string>) =>
    pulumi.all([script, login.user]).apply(([text, user]) => remoteCommand(text, user));
  const args: CommandArgs = {
    addPreviousOutputInEnv: false,
    connection: connection(login, access),
    logging: secretOutput ? "none" : "stdoutAndStderr",
    ...(create !== undefined && { create: asRoot(create) }),
    ...(remove !== undefined && { delete: asRoot(remove) }),
    ...(stdin !== undefined && { stdin: pulumi.secret(stdin) }),
    ...(triggers !== undefined && { triggers }),
  };
  return new Command(name, args, {
    customTimeouts: { create: "40m", update: "40m", delete: "20m" },
    deleteBeforeReplace: true,
    replaceOnChanges: ["connection.host"],
    ...(secretOutput && { additionalSecretOutputs: ["stdout"] }),
    ...options,
  });
}

function connection(login: Login, { privateKey, privateKeyPassword }: HostAccess) {
  return {
    host: login.address,
    hostKey: login.hostKey,
    port: login.port,
    user: login.user,
    privateKey: pulumi.secret(privateKey),
    ...(privateKeyPassword !== undefined && {
      privateKeyPassword: pulumi.secret(privateKeyPassword),
    }),
  };
}
