import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A call that changed something: `METHOD path`. */
export interface FakeConsul {
  address: string;
  changes: string[];
  policies: Map<string, any>;
  tokens: Map<string, any>;
  close(): Promise<void>;
}

export interface FakeOptions {
  managementToken: string;
  /** How a missing entry is answered. Newer versions say 404, older ones 403 with a text. */
  missing?: 403 | 404;
  /** So many first calls find no management token yet. */
  notYet?: number;
}

const ANONYMOUS = "00000000-0000-0000-0000-000000000002";

/**
 * The part of Consul's ACL API that the Job calls, after the API's documentation: ids of policies are the
 * server's, names are unique, a token's secret cannot be changed, answers name policies by id and name.
 */
export async function fakeConsul(options: FakeOptions): Promise<FakeConsul> {
  const policies = new Map<string, any>();
  const tokens = new Map<string, any>();
  tokens.set(ANONYMOUS, token({ AccessorID: ANONYMOUS, SecretID: "anonymous", Policies: [] }));
  const changes: string[] = [];
  let calls = 0;
  let made = 0;

  function token(body: any) {
    const Policies = (body.Policies ?? []).map(({ Name }: any) => {
      const policy = [...policies.values()].find((p) => p.Name === Name);
      if (!policy) throw new Refusal(400, `No such ACL policy with name "${Name}"`);
      return { ID: policy.ID, Name };
    });
    return { CreateIndex: 1, ModifyIndex: 2, ...body, Policies, Local: false, Hash: "aGFzaA==" };
  }

  function missing(): never {
    if (options.missing === 403) throw new Refusal(403, "token does not exist: ACL not found");
    throw new Refusal(404, "Requested token does not exist: ACL not found");
  }

  function answer(method: string, path: string, body: any): any {
    const [, , kind = "", id = "", name = ""] = path.split("/").slice(1);
    if (kind === "token" && id === "self") return { AccessorID: "management" };
    if (kind === "tokens") return [...tokens.values()];
    if (kind === "policy" && id === "name") {
      return [...policies.values()].find((p) => p.Name === name) ?? missing();
    }
    if (method === "GET") return tokens.get(id) ?? missing();
    changes.push(`${method} ${path}`);
    return kind === "policy" ? putPolicy(id, body) : changeToken(method, id, body);
  }

  function putPolicy(id: string, body: any) {
    const taken = [...policies.values()].find((p) => p.Name === body.Name && p.ID !== id);
    if (taken) throw new Refusal(400, "Invalid Policy: A Policy with that name already exists");
    const ID = id === "" ? `0000000${++made}-aaaa-bbbb-cccc-00000000000f` : id;
    policies.set(ID, { ID, Hash: "aGFzaA==", CreateIndex: 9, ModifyIndex: 9, ...body });
    return policies.get(ID);
  }

  function changeToken(method: string, id: string, body: any) {
    if (method === "DELETE") return tokens.delete(id);
    const old = tokens.get(id);
    if (id !== "" && !old) missing();
    if (old && body.SecretID !== undefined && body.SecretID !== old.SecretID) {
      throw new Refusal(400, "Changing a token's SecretID is not permitted");
    }
    if (id === "" && tokens.has(body.AccessorID)) {
      throw new Refusal(400, "Invalid Token: AccessorID is already in use");
    }
    tokens.set(body.AccessorID, token({ SecretID: old?.SecretID, ...body }));
    return tokens.get(body.AccessorID);
  }

  async function handle(request: IncomingMessage, response: ServerResponse) {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    try {
      calls += 1;
      if (calls <= (options.notYet ?? 0)) throw new Refusal(403, "ACL not found");
      if (request.headers["x-consul-token"] !== options.managementToken) {
        throw new Refusal(403, "Permission denied: token lacks permission");
      }
      const body = text === "" ? undefined : JSON.parse(text);
      response.end(JSON.stringify(answer(request.method ?? "", request.url ?? "", body)));
    } catch (error) {
      response.statusCode = error instanceof Refusal ? error.status : 500;
      response.end(String(error));
    }
  }

  const server: Server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    changes,
    policies,
    tokens,
    close: () =>
      new Promise((resolve) =>
        server.close(() => {
          resolve();
        }),
      ),
  };
}

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
