import { randomInt } from "node:crypto";
import * as net from "node:net";

import { errorCode } from "./toolchain/error-code";

/**
 * Linux gives those from 32768 on to whoever asks for any port, and Kubernetes those from 30000 on to Services: one of
 * these stays free until whoever it was found for listens there, which may be seconds later.
 */
const [FIRST, END] = [20_000, 30_000];

/** Ports on 127.0.0.1 that nobody listens on, all different. Another process may still be quicker. */
export async function freePorts(count: number): Promise<number[]> {
  const opened: Listening[] = [];
  try {
    while (opened.length < count) {
      const one = await listen(randomInt(FIRST, END)).catch((error: unknown) => {
        if (errorCode(error) !== "EADDRINUSE") throw error;
      });
      if (one) opened.push(one);
    }
  } finally {
    await Promise.all(opened.map(({ close }) => close()));
  }
  return opened.map(({ port }) => port);
}

/** Says whether one can listen on each of these ports of 127.0.0.1. */
export async function arePortsFree(ports: readonly number[]): Promise<boolean> {
  const results = await Promise.allSettled(ports.map((port) => listen(port)));
  const opened = results.flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  await Promise.all(opened.map(({ close }) => close()));
  return opened.length === ports.length;
}

interface Listening {
  port: number;
  close: () => Promise<void>;
}

function listen(port: number): Promise<Listening> {
  const server = net.createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const close = () =>
        new Promise<void>((closed) => {
          server.close(() => {
            closed();
          });
        });
      resolve({ port, close });
    });
  });
}
