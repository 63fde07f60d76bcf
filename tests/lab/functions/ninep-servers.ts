import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { withLock } from "../../../lab/lock";
import { debianTree, librariesOf } from "../../../lab/node/debian";
import { labPaths } from "../../../lab/paths";
import { freePorts } from "../../../lab/ports";
import { goEnvironment, runCommand } from "../../../lab/toolchain/go-command";
import { type ServerProcess, startServer } from "./server-process";

/** A real server of 9P at a port of the loopback. */
export interface NinepServer extends ServerProcess {
  port: number;
  /** What to attach to. */
  aname: string;
}

const GO9P = "github.com/lionkov/go9p/p/srv/examples/ufs";

/** diod, Debian's server of 9P2000.L, with a folder as its tree. */
export async function startDiod(folder: string): Promise<NinepServer> {
  const root = await debianTree(labPaths().cache, ["diod"]);
  const [port = 0] = await freePorts(1);
  // No authentication, no database of users, no configuration but this.
  const args = ["-f", "-n", "-N", "-c", "/dev/null", "-L", "stderr", "-l", `127.0.0.1:${port}`];
  const env = { ...process.env, LD_LIBRARY_PATH: librariesOf(root).join(":") };
  const binary = path.join(root, "usr/sbin/diod");
  const server = await startServer({ binary, args: [...args, "-e", folder], env, port });
  return { ...server, port, aname: folder };
}

/** go9p's ufs, a server of 9P2000.u and 9P2000, built from its sources into the lab's cache: Debian 12 has no u9fs. */
export async function startGo9p(folder: string): Promise<NinepServer> {
  const binary = await buildGo9p();
  const [port = 0] = await freePorts(1);
  const args = ["-addr", `127.0.0.1:${port}`, "-root", folder];
  return { ...(await startServer({ binary, args, port })), port, aname: "" };
}

async function buildGo9p(): Promise<string> {
  const module = path.join(__dirname, "go9p");
  const sums = fs.readFileSync(path.join(module, "go.sum"));
  const key = createHash("sha256").update(sums).update(process.arch).digest("hex").slice(0, 16);
  const binary = path.join(labPaths().cache, "test-servers", `go9p-${key}`);
  fs.mkdirSync(path.dirname(binary), { recursive: true });
  await withLock(
    `${binary}.lock`,
    async () => {
      if (fs.existsSync(binary)) return;
      const partial = `${binary}.partial`;
      const env = goEnvironment(process.env);
      const built = await runCommand("go", ["build", "-o", partial, GO9P], { env, cwd: module });
      if (built.exitCode !== 0) throw new Error(`go9p could not be built:\n${built.log}`);
      fs.renameSync(partial, binary);
    },
    { what: "the 9P server go9p" },
  );
  return binary;
}

/** A way to a server on which every byte takes so long, in both directions, until it stops altogether. */
export interface SlowWay {
  port: number;
  /** From now on nothing passes, and nothing ends. */
  stall: () => void;
  close: () => Promise<void>;
}

export async function slowWay(to: number, delayMilliseconds: number): Promise<SlowWay> {
  let stalled = false;
  const sockets = new Set<net.Socket>();
  const carry = (from: net.Socket, other: net.Socket) => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on("error", () => other.destroy());
    from.on("close", () => {
      if (!stalled) setTimeout(() => other.destroy(), delayMilliseconds);
    });
    from.on("data", (bytes) => {
      setTimeout(() => {
        if (!stalled) other.write(bytes);
      }, delayMilliseconds);
    });
  };
  const server = net.createServer((near) => {
    const far = net.connect(to, "127.0.0.1");
    carry(near, far);
    carry(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    stall: () => {
      stalled = true;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
