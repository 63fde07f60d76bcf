import fs from "node:fs";
import path from "node:path";
import { until } from "../../../support/wait";
import { program, TSCONFIG, workspace, type Workspace } from "./workspace";

let lab: Workspace;
beforeAll(async () => {
  lab = await workspace();
});
afterEach(async () => {
  await until(() => lab.processes().length === 0);
});
afterAll(() => {
  lab.remove();
});

const up = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", "dev"];

// A component package like kvm-fabric itself: TypeScript as it is, dependencies in a folder above.
const parts = {
  "parts/PulumiPlugin.yaml": "runtime: nodejs\n",
  "parts/package.json": JSON.stringify({
    name: "sample-parts",
    version: "1.2.3",
    main: "index.ts",
    peerDependencies: { "@pulumi/pulumi": "^3.250.0" },
  }),
  "parts/tsconfig.json": TSCONFIG,
  "parts/index.ts": `
    import * as pulumi from "@pulumi/pulumi";
    export const Mode = { Fast: "fast", Slow: "slow" } as const;
    export type Mode = (typeof Mode)[keyof typeof Mode];
    export interface Size { bytes: number; }
    export interface BadgeArgs {
      /** What the badge says. */
      label: pulumi.Input<string>;
      mode?: Mode;
      size?: Size;
      tags?: Record<string, string>;
    }
    class Inner extends pulumi.ComponentResource {
      constructor(name: string, opts: pulumi.ComponentResourceOptions) {
        super("sample-parts:index:Inner", name, {}, opts);
        this.registerOutputs({});
      }
    }
    /** A badge. */
    export class Badge extends pulumi.ComponentResource {
      public readonly text: pulumi.Output<string>;
      constructor(name: string, args: BadgeArgs, opts?: pulumi.ComponentResourceOptions) {
        super("sample-parts:index:Badge", name, args, opts);
        console.error("a badge is made");
        if (args.size?.bytes === 13) throw new pulumi.RunError("size.bytes: 13 is unlucky");
        new Inner(\`\${name}-inner\`, { parent: this });
        this.text = pulumi.output(args.label).apply((label) => label.toUpperCase());
        this.registerOutputs({ text: this.text });
      }
    }`,
};

test("the schema of a component package is read off its TypeScript", async () => {
  lab.write(parts);
  const { code, output } = await lab.pulumi("parts", "package", "get-schema", ".");
  expect({ code, output }).toMatchObject({ code: 0 });
  const schema: unknown = JSON.parse(output.slice(output.indexOf("{")));
  expect(schema).toMatchObject({
    name: "sample-parts",
    version: "1.2.3",
    resources: {
      "sample-parts:index:Badge": {
        isComponent: true,
        description: "A badge.",
        requiredInputs: ["label"],
        inputProperties: {
          label: { type: "string", description: "What the badge says." },
          mode: { $ref: "#/types/sample-parts:index:Mode" },
          size: { plain: true, $ref: "#/types/sample-parts:index:Size" },
          tags: { type: "object" },
        },
        properties: { text: { type: "string" } },
      },
    },
  });
});

// How a TypeScript program uses a component package without a generated SDK: Pulumi.yaml names the plugin's
// folder, and a class registers itself as remote under the plugin's token, with outputs left undefined.
const consumer = (args: string) => `
  import * as pulumi from "@pulumi/pulumi";
  class Badge extends pulumi.ComponentResource {
    declare readonly text: pulumi.Output<string>;
    constructor(name: string, args: pulumi.Inputs, opts?: pulumi.ComponentResourceOptions) {
      super("sample-parts:index:Badge", name, { ...args, text: undefined }, opts, true);
    }
  }
  const badge = new Badge("b", ${args});
  export const text = badge.text;`;

const plugins = "plugins:\n  providers:\n    - name: sample-parts\n      path: ../parts\n";

test("a program constructs a component that the plugin's own process makes", async () => {
  lab.write({
    ...parts,
    ...program("consumer", consumer(`{ label: "hello", size: { bytes: 3 } }`), plugins),
  });
  await lab.pulumi("consumer", "stack", "init", "dev");
  const result = await lab.pulumi("consumer", ...up);
  expect(result).toMatchObject({ code: 0 });
  expect(result.output).toContain("+ 3 created");
  const outputs = await lab.pulumi("consumer", "stack", "output", "--json");
  expect(JSON.parse(outputs.output)).toEqual({ text: "HELLO" });
  const state = await lab.pulumi("consumer", "stack", "export");
  expect(state.output).toContain("sample-parts:index:Badge$sample-parts:index:Inner::b-inner");
});

test("what a remote component refuses reaches the user", async () => {
  lab.write({
    ...parts,
    ...program("unlucky", consumer(`{ label: "x", size: { bytes: 13 } }`), plugins),
  });
  await lab.pulumi("unlucky", "stack", "init", "dev");
  const { code, output } = await lab.pulumi("unlucky", ...up);
  expect(code).not.toBe(0);
  expect(output).toContain("13 is unlucky");
});

test("a plugin that cannot start says why", async () => {
  lab.write({ ...parts, "parts/index.ts": `throw new Error("no parts today");\nexport {};` });
  const { code, output } = await lab.pulumi("parts", "package", "get-schema", ".");
  expect(code).not.toBe(0);
  expect(output).toContain("no parts today");
  lab.write(parts);
});

// What @pulumi/policy does with the runner, as far as a preview goes: an analyzer service with one policy.
const policyPack = {
  "policy/PulumiPolicy.yaml": "runtime: nodejs\nmain: index.ts\n",
  "policy/package.json": JSON.stringify({ name: "policy", version: "1.0.0", main: "index.ts" }),
  "policy/tsconfig.json": TSCONFIG,
  "policy/index.ts": `
    import * as grpc from "@grpc/grpc-js";
    import { Empty } from "google-protobuf/google/protobuf/empty_pb";
    const service = require("@pulumi/pulumi/proto/analyzer_grpc_pb").AnalyzerService;
    const messages = require("@pulumi/pulumi/proto/analyzer_pb");
    const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb");
    const MANDATORY = 1;
    const policy = { name: "no-badges", description: "no badges", enforcementlevel: MANDATORY };
    const unimplemented = (_: unknown, reply: (e: unknown) => void) => reply({ code: grpc.status.UNIMPLEMENTED });
    const methods = Object.fromEntries(Object.keys(service).map((name) => [name, unimplemented]));
    const answer = (make: (request: any) => unknown) =>
      (call: { request: any }, reply: (e: unknown, r: unknown) => void) => reply(null, make(call.request));
    const server = new grpc.Server();
    server.addService(service, {
      ...methods,
      getPluginInfo: answer(() => new PluginInfo().setVersion("1.0.0")),
      configure: answer(() => new Empty()),
      configureStack: answer(() => new messages.AnalyzerStackConfigureResponse()),
      cancel: answer(() => new Empty()),
      getAnalyzerInfo: answer(() => {
        const info = new messages.PolicyInfo();
        info.setName(policy.name); info.setDescription(policy.description);
        info.setEnforcementlevel(MANDATORY);
        const pack = new messages.AnalyzerInfo();
        pack.setName("fixture"); pack.setVersion("1.0.0"); pack.setPoliciesList([info]);
        return pack;
      }),
      analyze: answer((request) => {
        const response = new messages.AnalyzeResponse();
        if (request.getType() !== "test:index:Badge") return response;
        const found = new messages.AnalyzeDiagnostic();
        found.setPolicyname(policy.name); found.setPolicypackname("fixture");
        found.setPolicypackversion("1.0.0"); found.setMessage("badges are not allowed");
        found.setEnforcementlevel(MANDATORY);
        response.setDiagnosticsList([found]);
        return response;
      }),
      analyzeStack: answer(() => new messages.AnalyzeResponse()),
      remediate: answer(() => new messages.RemediateResponse()),
    });
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_, port) => {
      console.log(String(port));
    });`,
};

test("a policy pack runs, and a mandatory violation fails the preview", async () => {
  const text = `
    import * as pulumi from "@pulumi/pulumi";
    class Badge extends pulumi.ComponentResource {
      constructor(name: string) { super("test:index:Badge", name); this.registerOutputs({}); }
    }
    new Badge("b");`;
  lab.write({ ...policyPack, ...program("judged", text) });
  await lab.pulumi("judged", "stack", "init", "dev");
  const free = await lab.pulumi("judged", "preview", "--non-interactive");
  expect(free).toMatchObject({ code: 0 });
  const judged = await lab.pulumi(
    "judged",
    "preview",
    "--policy-pack",
    "../policy",
    "--non-interactive",
  );
  expect(judged.code).not.toBe(0);
  expect(judged.output).toContain("badges are not allowed");
});

test("install brings what a program depends on, and a failing install fails the command", async () => {
  lab.write({
    ...program("needy", `export const found = require("leaf").name;`),
    "leaf/package.json": JSON.stringify({ name: "leaf", version: "2.0.0", main: "index.js" }),
    "leaf/index.js": `exports.name = "a leaf";`,
    "needy/package.json": JSON.stringify({
      name: "needy",
      private: true,
      dependencies: { leaf: "file:../leaf" },
    }),
  });
  const install = await lab.pulumi("needy", "install", "--no-plugins");
  expect(install).toMatchObject({ code: 0 });
  expect(fs.existsSync(path.join(lab.folder, "needy/node_modules/leaf"))).toBe(true);
  lab.write({
    "needy/package.json": JSON.stringify({
      name: "needy",
      dependencies: { leaf: "file:../none.tgz" },
    }),
  });
  fs.rmSync(path.join(lab.folder, "needy/package-lock.json"), { force: true });
  fs.rmSync(path.join(lab.folder, "needy/node_modules"), { recursive: true });
  const broken = await lab.pulumi("needy", "install", "--no-plugins");
  expect(broken.code).not.toBe(0);
  expect(broken.output).toContain("npm install --loglevel=error failed");
});

test("about tells Node, the package manager and the dependencies", async () => {
  lab.write(program("about", "export {};"));
  lab.write({
    "about/package.json": JSON.stringify({ name: "about", dependencies: { leaf: "2.0.0" } }),
    "about/package-lock.json": JSON.stringify({
      lockfileVersion: 3,
      packages: {
        "node_modules/leaf": { version: "2.0.0" },
        "node_modules/deep": { version: "3.0.0" },
      },
    }),
  });
  const direct = await lab.pulumi("about", "about", "--json");
  const about: unknown = JSON.parse(direct.output.slice(direct.output.indexOf("{")));
  expect(about).toMatchObject({
    runtime: { language: "nodejs", executable: process.execPath, version: process.version },
    dependencies: [{ name: "leaf", version: "2.0.0" }],
  });
});
