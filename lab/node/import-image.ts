import type { ImageArchive } from "./image/oci";
import { LabError } from "../lab-error";
import { findMachine, programPlace, runOnMachine } from "./machine";
import { nodePaths } from "./configuration";

const ctr = [programPlace("ctr"), "--address", nodePaths.containerd, "--namespace", "k8s.io"];

/**
 * Gives a real node an image; pods ask for it by its name, or by that name without tag and `@` its digest, with
 * `imagePullPolicy: Never` or `IfNotPresent`. One that is there already is left alone. Errors: LabError where the node does
 * not run.
 */
export async function importImage(
  state: string,
  node: string,
  { name, digest, file }: Pick<ImageArchive, "digest" | "file" | "name">,
): Promise<void> {
  const init = findMachine(state, node);
  if (init === undefined) {
    throw new LabError(`node ${node} does not run`, {
      hint: `start it with: npm run lab -- node start ${node}`,
    });
  }
  const present = await runOnMachine(init, [...ctr, "images", "list", `name==${name}`]);
  if (present.includes(digest)) return;
  await runOnMachine(init, [...ctr, "images", "import", "--local", "-"], {
    input: file,
    timeoutSeconds: 600,
  });
}
