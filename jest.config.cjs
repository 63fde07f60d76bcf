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
  // A bound for a busy machine, in ms: tests that run shells take a second where it is not.
  testTimeout: 30_000,
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
