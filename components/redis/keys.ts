import * as corev1 from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createAuthority, createSignedServer } from "../data-store/authority";
import { createServerCertificate } from "../data-store/issuer";
import { serviceNames } from "../shared/service-names";
import { metadataOf } from "./metadata";
import type { RedisPlan, RedisServerPlan } from "./plan";
import { usersFile } from "./users";

/** What is generated for a server. */
export interface RedisKeys {
  /** What the server's pods read: they start after it. */
  before: pulumi.Resource[];
  caCertificate: pulumi.Output<string>;
  /** Passwords by the name of the consumer; secret. */
  passwords: Record<string, pulumi.Output<string>>;
  /** Changes when the pod's own users do: the running server knows them by their old passwords. */
  serviceUsers: pulumi.Output<string>;
}

/** Makes the users with their passwords, and the server's certificate. */
export function createKeys(
  parent: pulumi.Resource,
  plan: RedisPlan,
  server: RedisServerPlan,
  guard: pulumi.CustomResourceOptions,
): RedisKeys {
  const { name, consumers } = plan;
  const password = (user: string) => createPassword(parent, `${name}-${user}-login`);
  const operator = password("operator");
  const probe = password("probe");
  const passwords = Object.fromEntries(
    consumers.map((consumer) => [consumer.name, password(consumer.name)] as const),
  );
  const users = new corev1.Secret(
    `${name}-users`,
    {
      metadata: metadataOf(plan, server.names.users),
      type: "Opaque",
      stringData: {
        operator,
        probe,
        "users.acl": pulumi.all([passwords, operator, probe]).apply(([words, operator, probe]) =>
          usersFile({
            operator,
            probe,
            consumers: Object.entries(words).map(([name, password]) => ({ name, password })),
          }),
        ),
      },
    },
    { parent },
  );
  const { certificate, caCertificate } = createCertificate(parent, plan, server, guard);
  return {
    before: [users, certificate],
    caCertificate,
    passwords,
    serviceUsers: pulumi.all([operator, probe]).apply((words) => words.join(" ")),
  };
}

/** Letters and digits alone, so that no tool has to quote it: 40 of them are more than 230 bits. */
function createPassword(parent: pulumi.Resource, name: string): pulumi.Output<string> {
  const { result } = new random.RandomPassword(name, { length: 40, special: false }, { parent });
  return pulumi.secret(result);
}

function createCertificate(
  parent: pulumi.Resource,
  plan: RedisPlan,
  { issuer, names }: RedisServerPlan,
  guard: pulumi.CustomResourceOptions,
): { certificate: pulumi.Resource; caCertificate: pulumi.Output<string> } {
  const { name, namespace } = plan;
  const dnsNames = serverNames(names.server, namespace);
  const metadata = metadataOf(plan, names.tls);
  if (issuer !== undefined) {
    const request = { name: `${name}-tls`, issuer, metadata, dnsNames };
    const caCertificate = pulumi.output(issuer.caCertificate);
    return { certificate: createServerCertificate(parent, request), caCertificate };
  }
  const authority = createAuthority(parent, name, guard);
  const signed = createSignedServer(parent, name, authority, dnsNames);
  const certificate = new corev1.Secret(
    `${name}-tls`,
    {
      metadata,
      type: "kubernetes.io/tls",
      stringData: { "tls.crt": signed.certificate, "tls.key": signed.key },
    },
    { parent },
  );
  return { certificate, caCertificate: authority.certificate };
}

/** The name that consumers call comes first; the others are what `kubectl port-forward` and shorter names lead to. */
function serverNames(service: string, namespace: pulumi.Input<string>): pulumi.Input<string>[] {
  return [...serviceNames(service, namespace), "localhost"];
}
