import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { sha256 } from "./ended";

/** Answers one request for a file. */
export type Behaviour = (
  request: http.IncomingMessage,
  response: http.ServerResponse,
  content: Buffer,
) => void;

/** A web server whose files are well served, but where a behaviour says otherwise. */
export interface Web {
  url: string;
  /** One line a request: method, path, and the range where there is one. */
  requests: string[];
  /** Serves a file; answers with an artefact that names it. */
  publish: (name: string, content: string | Buffer) => { url: string; sha256: string };
  /** Serves all files in another way. Undefined: well again. */
  behave: (behaviour: Behaviour | undefined) => void;
  close: () => Promise<void>;
}

/** As good servers do: whole, or the part that was asked for. */
export const serve: Behaviour = (request, response, content) => {
  const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const range = `bytes ${String(from)}-${String(content.length - 1)}/${String(content.length)}`;
  const part = content.subarray(from);
  if (from > 0 && part.length === 0) {
    response.writeHead(416, { "Content-Range": `bytes */${String(content.length)}` }).end();
    return;
  }
  response.writeHead(from > 0 ? 206 : 200, {
    "Content-Length": part.length,
    "Accept-Ranges": "bytes",
    ...(from > 0 && { "Content-Range": range }),
  });
  response.end(request.method === "HEAD" ? undefined : part);
};

/** Starts a web server, on the loopback unless said. A file is found by its name and, as on a mirror, by its sum. */
export async function startWeb(host = "127.0.0.1"): Promise<Web> {
  const files = new Map<string, Buffer>();
  const requests: string[] = [];
  let behaviour: Behaviour | undefined;
  const server = http.createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    requests.push([method, url, headers.range].filter((word) => word !== undefined).join(" "));
    const content = files.get(url.replace(/^.*\//, ""));
    if (content) (behaviour ?? serve)(request, response, content);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const url = `http://${host}:${String((server.address() as AddressInfo).port)}`;
  return {
    url,
    requests,
    publish(name, content) {
      const bytes = Buffer.from(content);
      files.set(name, bytes);
      files.set(sha256(bytes), bytes);
      return { url: `${url}/files/${name}`, sha256: sha256(bytes) };
    },
    behave: (given) => (behaviour = given),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
