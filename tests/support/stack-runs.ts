import { readConfig } from "../../stacks/config";
import { deployTarget } from "../../stacks/targets";
import { deploy, type Deployment, type DeployOptions } from "./deploy";
import { remember } from "./remember";
import { settingsOf } from "./stack-settings";

/** How a stack's file is run by the request recorder. */
export interface StackRunOptions extends Pick<DeployOptions, "call" | "outputsOf"> {
  /** Further keys of the stack's configuration. Defaults to none. */
  secrets?: Record<string, string>;
}

/** Runs of a stack's file, with a change of its settings if one is given; each is made once. */
export function stackRuns(
  file: string,
  { secrets, ...options }: StackRunOptions,
): (change?: (fabric: any) => void, preview?: boolean) => Promise<Deployment> {
  const deployed = remember((fabric: string, preview: boolean) => {
    const config = { "kvm-fabric:fabric": fabric, ...secrets };
    const program = () => deployTarget(readConfig());
    return deploy(program, { ...options, config, preview, stack: "prod" });
  });
  return (change = () => undefined, preview = false) => {
    const settings = settingsOf(file);
    change(settings);
    return deployed(JSON.stringify(settings), preview);
  };
}
