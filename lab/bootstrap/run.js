// The first thing that runs, on whatever Node.js there is: node lab/bootstrap/run.js <command> [arguments].
// This file alone keeps to the syntax of old versions, so that they get a message instead of a syntax error.
"use strict";

var major = Number(process.versions.node.split(".")[0]);
if (major < 18) {
  process.stderr.write(
    "error: Node.js 18 or newer is needed to start, this is " +
      process.versions.node +
      "\n  install a newer one with npm: https://nodejs.org/en/download\n",
  );
  process.exit(1);
}

require("./launch").launch(process.argv.slice(2));
