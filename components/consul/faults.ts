import { X509Certificate } from "node:crypto";
import { certificateBlocks, noCertificate } from "../shared/certificates";
import type { Fault } from "../shared/faults";
import { imageFaults } from "../shared/images";
import { requiredMemberFaults } from "../shared/members";
import { instanceNameFaults } from "../shared/names";
import { wholeNumberFaults } from "../shared/numbers";
import { cpuFaults, memoryFaults } from "../shared/quantities";
import { secretNameFaults } from "../shared/secret-names";
import { type ConsulArgs, type ConsulConsumer, ConsulRole } from "./args";
import { tokenSecretName } from "./secret-names";

/** Finds everything that is wrong with the arguments of a Consul. */
export function consulFaults(name: string, args: ConsulArgs): Fault[] {
  return [
    ...instanceNameFaults(name),
    ...labelFaults("datacenter", args.datacenter),
    ...(args.external === undefined ? serverFaults(args) : externalFaults(args)),
    ...consumerFaults(name, args),
  ];
}

function labelFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined || /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(got)) return [];
  return [
    { path, problem: "not a DNS label", got, allowed: "a-z, 0-9 and -, at most 63 characters" },
  ];
}

function serverFaults(args: ConsulArgs): Fault[] {
  const { servers, snapshots, resources } = args;
  return [
    ...imageFaults("image", args.image),
    ...(servers === undefined || [1, 3, 5, 7].includes(servers)
      ? []
      : [
          {
            path: "servers",
            problem: "no number of servers that can agree well",
            got: servers,
            allowed: "1, 3, 5, 7",
          },
        ]),
    ...wholeNumberFaults("storageGib", args.storageGib, 1, 65_536),
    ...wholeNumberFaults("snapshots.retained", snapshots?.retained, 1, 10_000),
    ...wholeNumberFaults("snapshots.storageGib", snapshots?.storageGib, 1, 65_536),
    ...scheduleFaults("snapshots.schedule", snapshots?.schedule),
    ...cpuFaults("resources.cpu", resources?.cpu),
    ...memoryFaults("resources.memory", resources?.memory),
  ];
}

function scheduleFaults(path: string, got: string | undefined): Fault[] {
  if (got === undefined) return [];
  const field = String.raw`(\*|[0-9]+(-[0-9]+)?)(/[1-9][0-9]*)?`;
  const list = `${field}(,${field})*`;
  if (new RegExp(`^${list}( ${list}){4}$`).test(got)) return [];
  return [
    { path, problem: "not a cron schedule", got, allowed: "five fields, as in 17 */6 * * *" },
  ];
}

/** Arguments that shape servers, and so say nothing about somebody else's. */
const serverOnly = [
  "image",
  "priorityClassName",
  "resources",
  "servers",
  "snapshots",
  "storageClass",
  "storageGib",
] as const;

function externalFaults(args: ConsulArgs): Fault[] {
  return [
    ...serverOnly
      .filter((path) => args[path] !== undefined)
      .map((path) => ({ path, problem: "has no meaning with an external Consul" })),
    ...addressFaults("external.address", args.external?.address),
    ...certificateFaults("external.caCertificate", args.external?.caCertificate),
  ];
}

/** What is only known later, as every input may be, is not checked here. */
function addressFaults(path: string, got: unknown): Fault[] {
  if (typeof got !== "string") return [];
  const url = URL.canParse(got) ? new URL(got) : undefined;
  if (url?.protocol === "https:" && /^https:\/\/[^/?#@\s]+\/?$/i.test(got)) return [];
  const problem = "not the https URL of a host";
  const allowed = "https://HOST[:PORT]";
  // Somebody's password may stand before the host.
  return [{ path, problem, ...(!got.includes("@") && { got }), allowed }];
}

function certificateFaults(path: string, got: unknown): Fault[] {
  if (typeof got !== "string") return [];
  if (certificateBlocks(got)?.every(isCertificate) === true) return [];
  return [{ ...noCertificate(path), fix: "the ca_file of the Consul servers' configuration" }];
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function consumerFaults(name: string, args: ConsulArgs): Fault[] {
  const consumers = args.consumers ?? [];
  const secrets = consumers.map((consumer) => ({
    namespace: consumer.namespace,
    name: tokenSecretName(name, consumer),
    given: consumer.secretName,
  }));
  const workers = consumers.filter(({ role }) => role === ConsulRole.Worker);
  return consumers.flatMap((consumer, index) => {
    const path = `consumers[${index}]`;
    const first = consumers.findIndex(({ name }) => name === consumer.name);
    return [
      ...labelFaults(`${path}.name`, consumer.name),
      ...(first < index
        ? [{ path: `${path}.name`, problem: "there are two of that name", got: consumer.name }]
        : []),
      ...requiredMemberFaults(`${path}.role`, consumer.role, Object.values(ConsulRole)),
      ...scopeFaults(path, consumer, workers.length),
      ...secretNameFaults(`${path}.secretName`, secrets, index),
      ...tokenFaults(`${path}.token`, consumer, args.external !== undefined),
    ];
  });
}

function scopeFaults(at: string, consumer: ConsulConsumer, workers: number): Fault[] {
  const { role, service, servicePrefix: got } = consumer;
  const path = `${at}.servicePrefix`;
  if (got === undefined) {
    if (service !== undefined) return labelFaults(`${at}.service`, service);
    if (role !== ConsulRole.Gateway || workers > 0) return [];
    const fix = "the name of the service that it may read";
    return [
      { path: `${at}.service`, problem: "missing, and there is no worker to take it from", fix },
    ];
  }
  if (service !== undefined)
    return [{ path, problem: "given beside service", got, allowed: "one" }];
  if (/^[a-z0-9][-a-z0-9]{0,62}$/.test(got)) return [];
  return [{ path, problem: "no beginning of a service's name", got, allowed: "a-z, 0-9 and -" }];
}

/** A token is secret: faults never show it. */
function tokenFaults(path: string, { token }: ConsulConsumer, external: boolean): Fault[] {
  if (external && token === undefined) {
    return [{ path, problem: "missing", fix: "a token that the external Consul knows" }];
  }
  if (!external && token !== undefined) {
    return [{ path, problem: "given, but our own Consul makes it", fix: "to leave it out" }];
  }
  return [];
}
