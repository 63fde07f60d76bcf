import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { writeAtomically } from "../../lab/atomic-file";
import { kubeconfigFile } from "../../lab/cluster/cluster";
import { startLab } from "../../lab/commands/lab/start";
import { removeLab } from "../../lab/commands/lab/stop";
import { identify, isAlive, type ProcessIdentity } from "../../lab/processes";
import { errorCode } from "../../lab/toolchain/error-code";
import { TEST_LAB } from "./lab";

const PREFIX = "kvm-fabric-test-lab-";
const OWNER = "owner.json";

/**
 * Jest's global set-up of the lab's tests: one lab for the whole run. With KVM_FABRIC_TEST_LAB it is the one in that
 * folder, which is started where it does not run and left as it is afterwards.
 */
export default async function setUp(): Promise<void> {
  const given = process.env[TEST_LAB] ?? "";
  const state = given === "" ? await ownFolder() : path.resolve(given);
  process.env[TEST_LAB] = state;
  process.env.KUBECONFIG = kubeconfigFile(state);
  // Of the programs and SDKs that all labs of the run load.
  process.env.NODE_COMPILE_CACHE ??= path.join(state, "compiled");
  await startLab({ state, audit: true });
}

/** Makes a folder for a lab that goes with this process: the next run removes it where this one cannot. */
export async function ownFolder(): Promise<string> {
  await removeLeftovers();
  const state = fs.mkdtempSync(path.join(os.tmpdir(), PREFIX));
  writeAtomically(path.join(state, OWNER), JSON.stringify(identify(process.pid)));
  return state;
}

/** Stops and removes the lab that this run made; jest's global tear-down. */
export async function tearDown(): Promise<void> {
  const state = process.env[TEST_LAB];
  if (state !== undefined && fs.existsSync(path.join(state, OWNER))) await removeLab(state);
}

// A run that was killed could not clean up after itself, so the next one does.
async function removeLeftovers(): Promise<void> {
  for (const name of fs.readdirSync(os.tmpdir()).filter((file) => file.startsWith(PREFIX))) {
    const state = path.join(os.tmpdir(), name);
    const owner = ownerOf(state);
    if (owner && !isAlive(owner)) await removeLab(state);
  }
}

/** Undefined where another run makes or removes that lab just now. */
function ownerOf(state: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(fs.readFileSync(path.join(state, OWNER), "utf8"));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
