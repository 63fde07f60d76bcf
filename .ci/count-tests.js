// Prints the gate's last line from jest's JSON results; exits 1 where a test failed or none ran.
"use strict";

const fs = require("node:fs");

let passed = 0;
let failed = 0;
try {
  const results = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
  passed = results.numPassedTests;
  // A file that cannot even be loaded has no tests of its own to count.
  failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
} catch (error) {
  console.error(`the test results cannot be read: ${error.message}`);
  failed = 1;
}
console.log(`tests: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
