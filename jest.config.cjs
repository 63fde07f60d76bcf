// Four fast projects (npm run check) and the lab (npm test): see CONTRIBUTING.md.
const shared = {
  rootDir: __dirname,
  testEnvironment: "node",
  setupFiles: ["<rootDir>/tests/support/jest/stack-traces.ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
  },
  modulePathIgnorePatterns: ["<rootDir>/dist", "<rootDir>/components/dist"],
};

// What Pulumi's SDK loads to send functions of a program to the cloud; anew for every file of tests.
const withoutPackaging = {
  moduleNameMapper: {
    "^(@npmcli/arborist|typescript)$": "<rootDir>/tests/support/jest/unused.ts",
  },
};

const project = (name, extra = {}) => ({
  ...shared,
  displayName: name,
  testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
  ...extra,
});

module.exports = {
  // A bound for what hangs, in ms: no test asserts how fast something is, and some machine is always slower.
  testTimeout: 900_000,
  // What one file of tests leaves in memory (Pulumi's SDKs are loaded anew for each) slows the next: a worker that has
  // more than this between two files is started again.
  workerIdleMemoryLimit: "512MB",
  projects: [
    project("unit", withoutPackaging),
    project("components", withoutPackaging),
    project("stacks", withoutPackaging),
    project("contract"),
    project("lab", {
      globalSetup: "<rootDir>/tests/support/lab-setup.ts",
      globalTeardown: "<rootDir>/tests/support/lab-teardown.ts",
    }),
  ],
};
