import { CONSUL_PORTS } from "./ports";

/** Where the servers find their files. */
export const SERVER_FOLDERS = Object.freeze({
  config: "/consul/config",
  data: "/consul/data",
  keys: "/consul/keys",
  tls: "/consul/tls",
});

/** What the servers' configuration depends on. */
interface ServerConfig {
  datacenter: string;
  servers: number;
  /** Name of the StatefulSet: the servers are called `NAME-0` and so on. */
  name: string;
  /** Name of the headless Service in whose domain the servers find each other. */
  headlessService: string;
}

/** The smallest majority of a number of servers. */
export function majority(servers: number): number {
  return Math.floor(servers / 2) + 1;
}

function tlsSettings() {
  return {
    defaults: {
      ca_file: `${SERVER_FOLDERS.tls}/ca.crt`,
      cert_file: `${SERVER_FOLDERS.tls}/tls.crt`,
      key_file: `${SERVER_FOLDERS.tls}/tls.key`,
      tls_min_version: "TLSv1_2",
      verify_outgoing: true,
    },
    // Callers of the HTTP API show a token, not a certificate.
    https: { verify_incoming: false },
    internal_rpc: { verify_incoming: true, verify_server_hostname: true },
  };
}

/**
 * Renders the servers' configuration, without any secret. Nothing is served in the clear; who may do what
 * is decided by ACLs alone, which deny by default. Names in `retry_join` are relative: the resolver
 * completes them with the servers' own namespace.
 * Source: https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file
 */
export function serverConfig(config: ServerConfig): string {
  const { datacenter, servers, name, headlessService } = config;
  const { https, rpc, serfLan } = CONSUL_PORTS;
  return render({
    server: true,
    bootstrap_expect: servers,
    datacenter,
    data_dir: SERVER_FOLDERS.data,
    client_addr: "0.0.0.0",
    retry_join: Array.from({ length: servers }, (_, n) => `${name}-${n}.${headlessService}`),
    ports: {
      dns: -1,
      grpc: -1,
      grpc_tls: -1,
      http: -1,
      https,
      serf_lan: serfLan,
      serf_wan: -1,
      server: rpc,
    },
    tls: tlsSettings(),
    encrypt_verify_incoming: true,
    encrypt_verify_outgoing: true,
    acl: { enabled: true, default_policy: "deny", down_policy: "extend-cache" },
    autopilot: { cleanup_dead_servers: true, min_quorum: majority(servers) },
    connect: { enabled: false },
    ui_config: { enabled: false },
    leave_on_terminate: true,
    performance: { raft_multiplier: 1 },
    disable_remote_exec: true,
    disable_update_check: true,
    enable_local_script_checks: false,
    enable_script_checks: false,
    log_json: true,
    log_level: "INFO",
  });
}

/** The part of the servers' configuration that is secret. */
interface ServerKeys {
  /** The key of the gossip, 32 bytes in base64. */
  gossipKey: string;
  /** The token that may do everything. */
  managementToken: string;
  /** The token with which servers keep their own entries in the catalogue. */
  agentToken: string;
}

/** Renders the secret part of the servers' configuration: Consul merges the two files. */
export function serverKeys({ gossipKey, managementToken, agentToken }: ServerKeys): string {
  return render({
    encrypt: gossipKey,
    acl: { tokens: { initial_management: managementToken, agent: agentToken } },
  });
}

function render(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
