// Four fast projects (npm run check) and the lab (npm test): see CONTRIBUTING.md.
const shared = {
  rootDir: __dirname,
  testEnvironment: "node",
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
  },
  modulePathIgnorePatterns: ["<rootDir>/dist", "<rootDir>/components/dist"],
};

const project = (name, extra = {}) => ({
  ...shared,
  displayName: name,
  testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
  ...extra,
});

module.exports = {
  projects: [
    project("unit"),
    project("components"),
    project("stacks"),
    project("contract"),
    project("lab", {
      globalSetup: "<rootDir>/tests/support/lab-setup.ts",
      globalTeardown: "<rootDir>/tests/support/lab-teardown.ts",
    }),
  ],
};
