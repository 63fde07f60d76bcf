import { ProgramInfo, RunRequest } from "@pulumi/pulumi/proto/language_pb";
import {
  programArguments,
  programEnvironment,
  runProgram,
} from "../../../../../lab/engine/language-host/program";
import { runtimeOptions } from "../../../../../lab/engine/language-host/runtime-options";

const settings = { engineAddress: "127.0.0.1:2", tracing: "" };

function request(): RunRequest {
  const info = new ProgramInfo();
  info.setRootDirectory("/root-folder").setProgramDirectory("/program").setEntryPoint("index.ts");
  const run = new RunRequest();
  run.setInfo(info).setMonitorAddress("127.0.0.1:1").setProject("p").setStack("dev").setParallel(8);
  return run;
}

test("the runner is told all that the engine said, and nothing that is empty", () => {
  expect(programArguments(request().setDryrun(true).setArgsList(["x"]), settings)).toEqual([
    ...["--monitor", "127.0.0.1:1", "--engine", "127.0.0.1:2", "--project", "p"],
    ...["--root-directory", "/root-folder", "--stack", "dev", "--pwd", "/program"],
    ...["--parallel", "8", "--dry-run", "index.ts", "x"],
  ]);
});

test("configuration keys are handed over in the long form, secret keys as they are", () => {
  const run = request();
  run.getConfigMap().set("p:size", "3").set("aws:config:region", "x").set("p:a:b", "y");
  run.setConfigsecretkeysList(["p:size"]);
  const env = programEnvironment(run, { ...runtimeOptions(undefined), tsconfig: "t.json" });
  expect(JSON.parse(env.PULUMI_CONFIG ?? "")).toEqual({
    "p:config:size": "3",
    "aws:config:region": "x",
    "p:a:b": "y",
  });
  expect(env.PULUMI_CONFIG_SECRET_KEYS).toBe('["p:size"]');
  expect(env.PULUMI_NODEJS_TYPESCRIPT).toBe("true");
  expect(env.PULUMI_NODEJS_TSCONFIG_PATH).toBe("t.json");
});

test("without TypeScript the SDK is not told to load any", () => {
  const env = programEnvironment(request(), { ...runtimeOptions(undefined), typescript: false });
  expect(env).not.toHaveProperty("PULUMI_NODEJS_TYPESCRIPT");
});

test("a program without the SDK gets the message that users know", async () => {
  const response = await runProgram(request(), settings, new AbortController().signal);
  expect(response.getBail()).toBe(false);
  expect(response.getError()).toBe(
    "It looks like the Pulumi SDK has not been installed. Have you run pulumi install?",
  );
});
