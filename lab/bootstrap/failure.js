"use strict";

/** An error whose reader is the user: printed without a stack, like LabError on the TypeScript side. */
class Failure extends Error {
  constructor(message, hint) {
    super(message);
    this.name = "Failure";
    this.hint = hint;
  }
}

/** The words for a Failure; anything else is a defect and keeps its stack. */
function describe(error) {
  if (!(error instanceof Failure)) return `${error.stack}\n`;
  const hint = error.hint ? `  ${error.hint.replaceAll("\n", "\n  ")}\n` : "";
  return `error: ${error.message}\n${hint}`;
}

module.exports = { Failure, describe };
