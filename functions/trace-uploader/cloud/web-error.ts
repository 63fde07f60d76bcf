/** A request that got no answer: the network, the other side's silence, an answer that is too long. */
export class WebError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "WebError";
  }
}
