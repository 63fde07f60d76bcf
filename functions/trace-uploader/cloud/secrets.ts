import { CredentialsError, type SecretReader } from "../credentials";
import { signedHeaders } from "./aws-signature";
import { azureToken, fieldsOf, googleToken, isFields, type TokenSource } from "./token";
import type { WebAnswer, WebClient, WebRequest } from "./web-client";

/** Reads secrets of AWS Secrets Manager, as who the function runs as: Lambda gives it keys by its environment. */
export function awsSecrets(
  web: WebClient,
  environment: NodeJS.ProcessEnv = process.env,
): SecretReader {
  return async (secret, signal) => {
    const region = secret.split(":")[3] ?? "";
    const domain = secret.startsWith("arn:aws-cn:") ? "amazonaws.com.cn" : "amazonaws.com";
    const url =
      environment.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? `https://secretsmanager.${region}.${domain}`;
    const body = JSON.stringify({ SecretId: secret });
    const headers = {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "secretsmanager.GetSecretValue",
    };
    const request = { method: "POST", url: `${url}/`, headers, body } as const;
    const keys = {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? "",
      sessionToken: environment.AWS_SESSION_TOKEN,
    };
    const signed = signedHeaders(request, { region, service: "secretsmanager", keys });
    const answer = await web.send({ ...request, headers: signed }, signal);
    return textOf(secret, answer, ({ SecretString: text }) => text);
  };
}

/** Reads secrets of GCP Secret Manager, as the service account that the function runs as. */
export function googleSecrets(
  web: WebClient,
  token: TokenSource = googleToken(web),
  endpoint = "https://secretmanager.googleapis.com",
): SecretReader {
  return async (secret, signal) => {
    const request = await bearing(token, `${endpoint}/v1/${secret}:access`, signal);
    return textOf(secret, await web.send(request, signal), ({ payload }) =>
      isFields(payload) && typeof payload.data === "string"
        ? Buffer.from(payload.data, "base64").toString("utf8")
        : undefined,
    );
  };
}

/** Reads secrets of Azure Key Vault, as the managed identity that the app runs as. */
export function azureSecrets(web: WebClient, token?: TokenSource): SecretReader {
  return async (secret, signal) => {
    const bearer = token ?? azureToken(web, "https://vault.azure.net");
    const request = await bearing(bearer, `${secret}?api-version=7.4`, signal);
    return textOf(secret, await web.send(request, signal), ({ value }) => value);
  };
}

async function bearing(source: TokenSource, url: string, signal: AbortSignal): Promise<WebRequest> {
  return { method: "GET", url, headers: { authorization: `Bearer ${await source.token(signal)}` } };
}

/** The text in an answer; what else the answer says may be secret, and is told nobody. */
function textOf(
  secret: string,
  answer: WebAnswer,
  find: (fields: Readonly<Record<string, unknown>>) => unknown,
): string {
  const text = answer.status === 200 ? find(fieldsOf(answer)) : undefined;
  if (typeof text === "string") return text;
  throw new CredentialsError(`secret ${secret} cannot be read: ${answer.status}`);
}
