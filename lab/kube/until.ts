import type { Discovery } from "./discovery";
import { untilAborted } from "./time-limit";
import type { RequestOptions, Transport } from "./transport";

/** The same transport; every request ends when the signal aborts. */
export function transportUntil(transport: Transport, signal: AbortSignal): Transport {
  const ending = (options: RequestOptions = {}) => ({
    ...options,
    signal: options.signal ? AbortSignal.any([options.signal, signal]) : signal,
  });
  return {
    send: (method, path, options) => transport.send(method, path, ending(options)),
    open: (path, options) => transport.open(path, ending(options)),
    close: transport.close,
  };
}

/** The same discovery; who waits for it stops waiting when the signal aborts. Its requests serve others too. */
export function discoveryUntil(discovery: Discovery, signal: AbortSignal): Discovery {
  return {
    resolve: (apiVersion, kind) => untilAborted(discovery.resolve(apiVersion, kind), signal),
    forget: discovery.forget,
  };
}
