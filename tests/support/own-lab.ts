import { randomBytes } from "node:crypto";
import { labClient } from "../../lab/cluster/cluster";
import { startLab, type RunningLab, type StartOptions } from "../../lab/commands/lab/start";
import { removeLab } from "../../lab/commands/lab/stop";
import type { KubeClient } from "../../lab/kube/client";
import type { TestLab } from "./lab";
import { ownFolder } from "./lab-setup";

/** What a test file sees of a lab of its own, once its tests run. */
export type OwnLab = Pick<TestLab, "state" | "env" | "client" | "unique">;

/**
 * A lab of the test file's own, for tests that look at the whole cluster; started before the first test and
 * removed after the last.
 */
export function withOwnLab(options: Pick<StartOptions, "audit" | "nodeGraceSeconds"> = {}): OwnLab {
  let running: RunningLab | undefined;
  let client: KubeClient | undefined;
  const lab = (): RunningLab => {
    if (!running) throw new Error("the lab is up only while tests run");
    return running;
  };
  beforeAll(async () => {
    running = await startLab({ ...options, state: await ownFolder() });
    client = labClient(running.state);
  });
  afterAll(async () => {
    client?.close();
    if (running) await removeLab(running.state);
  });
  return {
    get state() {
      return lab().state;
    },
    get env() {
      return lab().env;
    },
    get client() {
      if (!client) throw new Error("the lab is up only while tests run");
      return client;
    },
    unique: (prefix) => `${prefix}-${randomBytes(4).toString("hex")}`,
  };
}
