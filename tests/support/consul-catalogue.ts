import { createPrivateKey, generateKeyPairSync, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { issueCertificate } from "../../lab/engine/simulated-cloud/tls/certificate";
import {
  Name,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from "../../lab/engine/simulated-cloud/tls/x509";

/** How the catalogue answers: as it should, with 500, or by hanging up. */
export type CatalogueMood = "well" | "failing" | "absent";

/** A service as the catalogue has it. */
export interface CatalogueEntry {
  id: string;
  name: string;
  address: string;
  port: number;
  tags: string[];
  meta: Record<string, string>;
  /** What the last check said. */
  status: "critical" | "passing";
}

/**
 * A stand-in for Consul, which no registry gives this machine: one server, with the part of its HTTP API that workers and
 * gateways use, over TLS and behind a token. Health checks are really done. No cluster, no ACLs beside the one token, no
 * blocking queries.
 */
export interface Catalogue {
  /** URL of the HTTP API. */
  address: string;
  /** The authority's certificate, in PEM. */
  caCertificate: string;
  token: string;
  /** One line a request: method and path. */
  requests: string[];
  /** What became of entries, in order: `NAME registered`, `passing`, `critical` or `deregistered`. */
  events: string[];
  entries: () => CatalogueEntry[];
  /** Loses all entries, as a server that was made anew has none. */
  forget: () => void;
  behave: (mood: CatalogueMood) => void;
  close: () => Promise<void>;
}

/** The body of `PUT /v1/agent/service/register`; anything else in it is refused, as Consul does. */
const registration = z.strictObject({
  ID: z.string(),
  Name: z.string(),
  Tags: z.array(z.string()),
  Address: z.string(),
  Port: z.number(),
  Meta: z.record(z.string(), z.string()),
  Check: z.strictObject({
    HTTP: z.url(),
    Interval: z.string().regex(/^\d+s$/),
    DeregisterCriticalServiceAfter: z.string().regex(/^\d+m$/),
  }),
});

type Service = z.infer<typeof registration> & { status: CatalogueEntry["status"] };

interface Answer {
  status: number;
  body?: unknown;
}

/** Checks are done this often, whatever their own interval: tests wait for them. */
const CHECK_MILLISECONDS = 500;

/** As Consul's own default. */
const CHECK_TIMEOUT_MILLISECONDS = 10_000;

/** Starts one that is found under `host`, an IPv4 address of this machine. */
export async function startCatalogue(host = "127.0.0.1"): Promise<Catalogue> {
  const token = randomUUID();
  const services = new Map<string, Service>();
  const [requests, events]: [string[], string[]] = [[], []];
  let mood: CatalogueMood = "well";
  const { caCertificate, certificate, key } = await certificates(host);
  const server = https.createServer({ cert: certificate, key }, (request, response) => {
    const { method = "", url = "/", headers } = request;
    requests.push(`${method} ${url}`);
    if (mood === "absent") {
      request.socket.destroy();
      return;
    }
    void textOf(request).then((body) => {
      const known = headers["x-consul-token"] === token;
      const { status, body: answer = "" } =
        mood === "failing"
          ? { status: 500, body: "No cluster leader" }
          : known
            ? answerTo(services, events, `${method} ${url}`, body)
            : { status: 403, body: "Permission denied" };
      const text = typeof answer === "string" ? answer : JSON.stringify(answer);
      response.writeHead(status, { "content-type": "application/json" }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const checks = setInterval(() => {
    for (const service of services.values()) void check(service, events);
  }, CHECK_MILLISECONDS);
  return {
    address: `https://${host}:${String((server.address() as AddressInfo).port)}`,
    caCertificate,
    token,
    requests,
    events,
    entries: () => [...services.values()].map(entryOf),
    forget() {
      services.clear();
    },
    behave: (given) => (mood = given),
    close: () =>
      new Promise((resolve) => {
        clearInterval(checks);
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** Source: https://developer.hashicorp.com/consul/api-docs (agent/service, catalog, health) */
function answerTo(
  services: Map<string, Service>,
  events: string[],
  request: string,
  body: string,
): Answer {
  const [what = "", query = ""] = request.split("?");
  if (what === "PUT /v1/agent/service/register") {
    const given = registration.safeParse(JSON.parse(body));
    if (!given.success) return { status: 400, body: given.error.message };
    services.set(given.data.ID, { ...given.data, status: "critical" });
    events.push(`${given.data.Name} registered`);
    return { status: 200 };
  }
  const [, verb, id = ""] =
    /^(PUT \/v1\/agent\/service\/deregister|GET \/v1\/(?:catalog|health)\/service)\/(.+)$/.exec(
      what,
    ) ?? [];
  if (verb === undefined) return { status: 404, body: "no such endpoint of the stand-in" };
  if (verb.startsWith("PUT")) {
    const service = services.get(decodeURIComponent(id));
    if (service === undefined) return { status: 404, body: `Unknown service ID "${id}"` };
    services.delete(service.ID);
    events.push(`${service.Name} deregistered`);
    return { status: 200 };
  }
  const parameters = new URLSearchParams(query);
  const found = [...services.values()]
    .filter(({ Name: name }) => name === id)
    .filter((service) => fits(service, parameters.get("filter")));
  if (verb.includes("catalog")) return { status: 200, body: found.map(catalogueNode) };
  const passing = found.filter(({ status }) => !parameters.has("passing") || status === "passing");
  return {
    status: 200,
    body: passing.map(({ status, ...service }) => ({
      Service: service,
      Checks: [{ Status: status }],
    })),
  };
}

/** Of Consul's filters only equalities joined by `and`. */
function fits(service: Service, filter: string | null): boolean {
  const node: Record<string, unknown> = catalogueNode(service);
  return (filter ?? "")
    .split(" and ")
    .filter((part) => part !== "")
    .every((part) => {
      const [, field = "", value] = /^(\w+) == "([^"]*)"$/.exec(part) ?? [];
      if (!(field in node)) throw new Error(`the stand-in knows no filter like ${part}`);
      return node[field] === value;
    });
}

function catalogueNode({ ID, Name: name, Address, Port, Tags, Meta }: Service) {
  return {
    Node: "stand-in",
    ServiceID: ID,
    ServiceName: name,
    ServiceAddress: Address,
    ServicePort: Port,
    ServiceTags: Tags,
    ServiceMeta: Meta,
  };
}

function entryOf({ ID, Name: name, Address, Port, Tags, Meta, status }: Service): CatalogueEntry {
  return { id: ID, name, address: Address, port: Port, tags: Tags, meta: Meta, status };
}

/** Passing is an answer of 200 to 299. */
function check(service: Service, events: string[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (status: Service["status"]) => {
      if (status !== service.status) events.push(`${service.Name} ${status}`);
      service.status = status;
      resolve();
    };
    const request = http.get(
      service.Check.HTTP,
      { timeout: CHECK_TIMEOUT_MILLISECONDS, agent: false },
      (response) => {
        response.resume();
        done((response.statusCode ?? 500) < 300 ? "passing" : "critical");
      },
    );
    request.on("timeout", () => request.destroy());
    request.on("error", () => {
      done("critical");
    });
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) text += String(piece);
  return text;
}

/** A certificate for an address, and the authority that it is from. */
async function certificates(host: string) {
  const [authority, own] = [1, 2].map(() => generateKeyPairSync("ec", { namedCurve: "P-256" }));
  const issue = async (isCa: boolean, subject: string, issuer: Name, keys: typeof own) => {
    const { outputs } = await issueCertificate(
      {
        allowedUses: isCa ? ["cert_signing"] : ["digital_signature", "server_auth"],
        validityPeriodHours: 24,
        earlyRenewalHours: 0,
        isCaCertificate: isCa,
        maxPathLength: -1,
      },
      {
        subject: new Name([{ CN: [subject] }]),
        issuer,
        publicKeyDer: keys!.publicKey.export({ type: "spki", format: "der" }),
        issuerKey: createPrivateKey(
          authority!.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        ),
        extensions: isCa
          ? []
          : [new SubjectAlternativeNameExtension([{ type: "ip", value: host }])],
      },
    );
    return String(outputs.certPem);
  };
  const name = "Consul stand-in CA";
  const caCertificate = await issue(true, name, new Name([{ CN: [name] }]), authority);
  const { subjectName } = new X509Certificate(caCertificate);
  return {
    caCertificate,
    certificate: await issue(false, host, subjectName, own),
    key: own!.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
