import * as language from "@pulumi/pulumi/proto/language_pb";
import { fromStruct } from "../grpc/struct";
import { PackageManager } from "./runtime-options";

const STRING = language.RuntimeOptionPrompt.RuntimeOptionType.STRING;

/** What `pulumi new` asks: the package manager, unless the project names one. */
export function packageManagerPrompt(
  info: language.ProgramInfo | undefined,
): language.RuntimeOptionsResponse {
  const response = new language.RuntimeOptionsResponse();
  if (fromStruct(info?.getOptions()).packagemanager !== undefined) return response;
  const prompt = new language.RuntimeOptionPrompt();
  prompt.setKey("packagemanager");
  prompt.setDescription("The package manager to use for installing dependencies");
  prompt.setPrompttype(STRING);
  const { Npm, Yarn, Pnpm, Bun } = PackageManager;
  prompt.setChoicesList([Npm, Yarn, Pnpm, Bun].map(choice));
  prompt.setDefault(choice(Npm));
  response.setPromptsList([prompt]);
  return response;
}

function choice(name: string): language.RuntimeOptionPrompt.RuntimeOptionValue {
  const value = new language.RuntimeOptionPrompt.RuntimeOptionValue();
  value.setPrompttype(STRING);
  value.setStringvalue(name);
  value.setDisplayname(name);
  return value;
}
