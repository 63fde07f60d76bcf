import { exceptions } from "../exceptions";
import { at, type Rule } from "../resource";
import { containersOf, podOf } from "./pods";

/** No container is privileged but those that `exceptions.ts` records. */
export const privilegedContainers: Rule = {
  name: "no-privileged-containers",
  description:
    "a privileged container owns its node: give it the capabilities and devices that it needs, or record it in policy/exceptions.ts",
  check: ({ type, props }) => {
    const pod = podOf(type, props);
    const app = at(pod, "metadata", "labels", "app.kubernetes.io/name");
    const known = (container: unknown) =>
      exceptions.some(
        (exception) => exception.app === app && exception.container === at(container, "name"),
      );
    return containersOf(pod)
      .filter(({ container }) => at(container, "securityContext", "privileged") === true)
      .filter(({ container }) => !known(container))
      .map(({ path }) => `${path} is privileged, and not among the recorded exceptions`);
  },
};
