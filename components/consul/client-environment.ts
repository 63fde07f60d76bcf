import type { EnvironmentVariable } from "../shared/environment-variable";
import { type ConsulRef, TOKEN_KEY } from "./consul-ref";

/** Where Consul's clients find the certificate of its authority. */
export const CONSUL_CA_FOLDER = "/etc/consul-ca";
/** The file in {@link CONSUL_CA_FOLDER}, and the key of the ConfigMap that it comes from. */
export const CONSUL_CA_FILE = "ca.pem";

/** The variables that Consul's own clients read. */
export function consulVariables(consul: ConsulRef): EnvironmentVariable[] {
  return [
    { name: "CONSUL_HTTP_ADDR", value: consul.address },
    { name: "CONSUL_CACERT", value: `${CONSUL_CA_FOLDER}/${CONSUL_CA_FILE}` },
    { name: "CONSUL_DATACENTER", value: consul.datacenter },
    {
      name: "CONSUL_HTTP_TOKEN",
      valueFrom: { secretKeyRef: { name: consul.tokenSecretName, key: TOKEN_KEY } },
    },
  ];
}
