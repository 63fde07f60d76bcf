import type { WebAnswer, WebClient, WebRequest } from "./web-client";

/** Bearer tokens of the function's own identity. */
export interface TokenSource {
  /** One that is good for a while. Errors: TokenError; those of the web client. */
  token(signal: AbortSignal): Promise<string>;
  /** Says that the last one was refused: the next is asked for anew. */
  forget(): void;
}

/** The cloud gives no token. */
export class TokenError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TokenError";
  }
}

/** Seconds before its end at which a token is not used any more: an upload of a part may take so long. */
const SPARE_SECONDS = 120;

/** Where Cloud Run answers for the function's service account; GCE_METADATA_HOST is Google's own way to say another. */
const GOOGLE_METADATA = "metadata.google.internal";

/** Tokens of the service account that a Cloud Run function runs as. */
export function googleToken(
  web: WebClient,
  host = process.env.GCE_METADATA_HOST ?? GOOGLE_METADATA,
): TokenSource {
  const path = "computeMetadata/v1/instance/service-accounts/default/token";
  const request: WebRequest = {
    method: "GET",
    url: `http://${host}/${path}`,
    headers: { "metadata-flavor": "Google" },
  };
  return keptToken(web, request, ({ expires_in: seconds }) => Number(seconds));
}

/**
 * Tokens of the managed identity that a function app of Azure runs as, for one service, over the end point that the app is given
 * (IDENTITY_ENDPOINT, IDENTITY_HEADER; AZURE_CLIENT_ID says which identity where there are several). Errors: TokenError without them.
 */
export function azureToken(
  web: WebClient,
  resource: string,
  environment: NodeJS.ProcessEnv = process.env,
): TokenSource {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header, AZURE_CLIENT_ID: id } = environment;
  if (endpoint === undefined || header === undefined) {
    throw new TokenError("IDENTITY_ENDPOINT and IDENTITY_HEADER: the app has no managed identity");
  }
  const url = new URL(endpoint);
  url.searchParams.set("resource", resource);
  url.searchParams.set("api-version", "2019-08-01");
  if (id !== undefined) url.searchParams.set("client_id", id);
  const request: WebRequest = {
    method: "GET",
    url: url.href,
    headers: { "x-identity-header": header },
  };
  return keptToken(web, request, ({ expires_on: at }) => Number(at) - Date.now() / 1000);
}

function keptToken(
  web: WebClient,
  request: WebRequest,
  secondsLeft: (answer: Readonly<Record<string, unknown>>) => number,
): TokenSource {
  let kept: { token: string; until: number } | undefined;
  return {
    token: async (signal) => {
      if (kept !== undefined && kept.until > Date.now()) return kept.token;
      const answer = await web.send(request, signal);
      const fields = fieldsOf(answer);
      const { access_token: token } = fields;
      if (answer.status !== 200 || typeof token !== "string") {
        throw new TokenError(`no token from ${new URL(request.url).host}: ${answer.status}`);
      }
      const seconds = secondsLeft(fields);
      kept = { token, until: Date.now() + Math.max(seconds - SPARE_SECONDS, 0) * 1000 };
      return token;
    },
    forget: () => {
      kept = undefined;
    },
  };
}

/** The fields of an answer in JSON; none where it is something else. */
export function fieldsOf({ body }: Pick<WebAnswer, "body">): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}

/** Whether a value has fields. */
export function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
