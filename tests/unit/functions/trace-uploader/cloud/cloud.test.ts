import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { signedHeaders } from "../../../../../functions/trace-uploader/cloud/aws-signature";
import { CloudApi } from "../../../../../functions/trace-uploader/cloud/cloud-api";
import {
  awsSecrets,
  azureSecrets,
  googleSecrets,
} from "../../../../../functions/trace-uploader/cloud/secrets";
import { azureToken, googleToken } from "../../../../../functions/trace-uploader/cloud/token";
import { WebClient } from "../../../../../functions/trace-uploader/cloud/web-client";
import { StoreError, StoreFault } from "../../../../../functions/trace-uploader/stores/store-error";

interface Asked {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  body: string;
}

type Answer = { status?: number; headers?: Record<string, string>; body?: string } | "cut" | "half";

/** Answers the requests one after the other, the last answer again and again. */
let answers: Answer[];
let asked: Asked[];
let server: http.Server;
let url: string;
let web: WebClient;
const { signal } = new AbortController();

beforeEach(async () => {
  [answers, asked] = [[{}], []];
  server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      asked.push({ method, url: path, headers, body });
      const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
      if (answer === "cut") {
        request.socket.destroy();
      } else if (answer === "half") {
        response.writeHead(200, { "content-length": "10" });
        response.write("12345", () => request.socket.destroy());
      } else {
        response.writeHead(answer.status ?? 200, answer.headers).end(answer.body ?? "");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  web = new WebClient(5);
});

afterEach(async () => {
  web.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const api = (token?: { token: () => Promise<string>; forget: () => void }) =>
  new CloudApi({ web, token, headers: { "x-ms-version": "1" } });
const kindOf = async (asking: Promise<unknown>) => {
  const error: unknown = await asking.catch((reason: unknown) => reason);
  return error instanceof StoreError ? error.kind : error;
};
const get = () => ({ method: "GET", url: `${url}/b/o?secret=1` }) as const;

describe("a cloud's API", () => {
  test("asks again where that helps, and no more than that", async () => {
    const again: Answer[] = [
      "cut",
      { status: 503 },
      { status: 429, headers: { "retry-after": "0" } },
    ];
    answers = [...again, { body: "there" }];
    const answer = await api().ask(get(), [200], signal);
    expect(answer.body.toString()).toBe("there");
    expect(asked).toHaveLength(4);
    expect(asked[3]!.headers["x-ms-version"]).toBe("1");
  });

  test.each([
    [400, StoreFault.Refused],
    [403, StoreFault.Unavailable],
    [404, StoreFault.Unavailable],
    [413, StoreFault.Refused],
  ])("a status of %i that nobody asked for is %s", async (status, kind) => {
    answers = [{ status, headers: { "x-ms-error-code": "Code" }, body: "why\n it is" }];
    expect(await kindOf(api().ask(get(), [200], signal))).toBe(kind);
  });

  test("what is wrong is told without the query, which may be a capability", async () => {
    answers = [{ status: 400, headers: { "x-ms-error-code": "Code" }, body: "why\n it is" }];
    const error = (await api()
      .ask(get(), [200], signal)
      .catch((reason: unknown) => reason)) as Error;
    expect(error.message).toBe(`GET ${new URL(url).host}/b/o: 400 Code why it is`);
  });

  test("a store that stays down is given up after five times", async () => {
    answers = [{ status: 503, headers: { "retry-after": "0" } }];
    expect(await kindOf(api().ask(get(), [200], signal))).toBe(StoreFault.Unavailable);
    expect(asked).toHaveLength(5);
  });

  test("a token that is refused is asked for anew, once", async () => {
    let count = 0;
    const token = { token: () => Promise.resolve(`t${count}`), forget: () => (count += 1) };
    answers = [{ status: 401 }, {}];
    await api(token).ask(get(), [200], signal);
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(["Bearer t0", "Bearer t1"]);
    answers = [{ status: 401 }];
    expect(await kindOf(api(token).ask(get(), [200], signal))).toBe(StoreFault.Unavailable);
    expect(asked).toHaveLength(4);
  });

  test("an object whose body ends early is read again, and one that is not there has no hash", async () => {
    answers = ["half", { body: "abc" }];
    expect(await api().hash(get(), signal)).toMatch(/^ba7816bf/);
    answers = [{ status: 404, body: "abc" }];
    expect(await api().hash(get(), signal)).toBeUndefined();
  });

  test("a run that is given up asks no more", async () => {
    const stop = new AbortController();
    answers = [{ status: 503, headers: { "retry-after": "60" } }];
    const asking = api().ask(get(), [200], stop.signal);
    asking.catch(() => undefined);
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(new Error("enough"));
    await expect(asking).rejects.toThrow();
    expect(asked).toHaveLength(1);
  });
});

describe("tokens", () => {
  test("of Google are kept while they are good", async () => {
    answers = [{ body: '{"access_token":"one","expires_in":3600}' }];
    const source = googleToken(web, new URL(url).host);
    expect([await source.token(signal), await source.token(signal)]).toEqual(["one", "one"]);
    expect(asked).toHaveLength(1);
    expect(asked[0]!.headers["metadata-flavor"]).toBe("Google");
    source.forget();
    await source.token(signal);
    expect(asked).toHaveLength(2);
  });

  test("of Azure are for one service and one identity, and not used near their end", async () => {
    const soon = Math.ceil(Date.now() / 1000) + 60;
    answers = [{ body: JSON.stringify({ access_token: "one", expires_on: String(soon) }) }];
    const environment = {
      IDENTITY_ENDPOINT: `${url}/msi`,
      IDENTITY_HEADER: "h",
      AZURE_CLIENT_ID: "c",
    };
    const source = azureToken(web, "https://storage.azure.com", environment);
    await source.token(signal);
    await source.token(signal);
    expect(asked).toHaveLength(2);
    expect(asked[0]!.headers["x-identity-header"]).toBe("h");
    expect(asked[0]!.url).toBe(
      "/msi?resource=https%3A%2F%2Fstorage.azure.com&api-version=2019-08-01&client_id=c",
    );
  });

  test("are asked for in vain where there is no identity", async () => {
    expect(() => azureToken(web, "x", {})).toThrow("the app has no managed identity");
    answers = [{ status: 404 }];
    await expect(googleToken(web, new URL(url).host).token(signal)).rejects.toThrow(
      "no token from",
    );
  });
});

describe("secrets", () => {
  const token = { token: () => Promise.resolve("t"), forget: () => undefined };

  test("of AWS are asked for with a signature", async () => {
    answers = [{ body: '{"SecretString":"text"}' }];
    const environment = {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
      ...{ AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "k", AWS_SESSION_TOKEN: "s" },
    };
    const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x";
    expect(await awsSecrets(web, environment)(arn, signal)).toBe("text");
    const [{ headers, body }] = asked as [Asked];
    expect(JSON.parse(body)).toEqual({ SecretId: arn });
    expect(headers).toMatchObject({
      "x-amz-target": "secretsmanager.GetSecretValue",
      "x-amz-security-token": "s",
    });
    expect(headers.authorization).toContain("/eu-west-1/secretsmanager/aws4_request");
  });

  test("of Google come in base64, of Azure as they are", async () => {
    const data = Buffer.from("text").toString("base64");
    answers = [{ body: JSON.stringify({ payload: { data } }) }, { body: '{"value":"other"}' }];
    const name = "projects/p/secrets/s/versions/latest";
    expect(await googleSecrets(web, token, url)(name, signal)).toBe("text");
    expect(await azureSecrets(web, token)(`${url}/secrets/s`, signal)).toBe("other");
    expect(asked.map((one) => one.url)).toEqual([
      `/v1/${name}:access`,
      "/secrets/s?api-version=7.4",
    ]);
    expect(asked[0]!.headers.authorization).toBe("Bearer t");
  });

  test("that are refused are told without what was said of them", async () => {
    answers = [{ status: 403, body: "PRIVATE" }];
    const reading = azureSecrets(web, token)(`${url}/secrets/s`, signal);
    await expect(reading).rejects.toThrow(`secret ${url}/secrets/s cannot be read: 403`);
  });
});

test("a signature is that of AWS's own example", () => {
  // docs.aws.amazon.com, "Signature Version 4 test suite": post-vanilla, with the suite's keys and time.
  const keys = {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  };
  const request = { method: "POST", url: "https://example.amazonaws.com/", headers: {}, body: "" };
  const time = new Date("2015-08-30T12:36:00Z");
  const signed = signedHeaders(request, { region: "us-east-1", service: "service", keys }, time);
  expect(signed.authorization).toBe(
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, " +
      "SignedHeaders=host;x-amz-date, " +
      "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  );
});
