import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { command } from "../../../lab/engine/simulated-cloud/command/package";
import { machines } from "../../../lab/engine/simulated-cloud/command/machines";
import { nodePrograms } from "../../../lab/engine/simulated-cloud/command/node-programs";
import {
  noRootFilesystem,
  rootFilesystem,
} from "../../../lab/engine/simulated-cloud/command/root-filesystem";
import { changedInPlace, created } from "../../../lab/engine/simulated-cloud/lifecycle";
import { labPaths } from "../../../lab/paths";

const reason = noRootFilesystem();

// Skipped without root and Debian's tools, as the scripts' own tests are.
(reason === undefined ? describe : describe.skip)(
  `the simulated command provider${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let folder: string;
    const kind = () => command(folder).resources["command:remote:Command"]!;
    const connection = { host: "10.0.0.1", user: "admin", privateKey: "key" };

    beforeAll(async () => {
      folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "kvm-fabric-machines-"));
      machines(folder).add("10.0.0.1", await rootFilesystem(labPaths().cache), {
        files: nodePrograms(),
      });
    });

    afterAll(() => {
      fs.rmSync(folder, { recursive: true, force: true });
    });

    const file = () => path.join(folder, "10.0.0.1/upper/srv/file");

    test("creates, updates and deletes by running commands on the machine", async () => {
      const inputs = {
        connection,
        create: "sudo -n sh -c 'cat >/srv/file; echo made'",
        delete: "rm /srv/file",
        stdin: "one\n",
      };
      const { state } = await created(kind(), inputs);
      expect(state).toMatchObject({ stdout: "made", stderr: "" });
      expect(fs.readFileSync(file(), "utf8")).toBe("one\n");
      const after = await changedInPlace(kind(), state, { ...inputs, stdin: "two\n" });
      expect(fs.readFileSync(file(), "utf8")).toBe("two\n");
      await kind().remove?.(after);
      expect(fs.existsSync(file())).toBe(false);
    });

    test("a step without a command runs nothing until it is deleted", async () => {
      const { state } = await created(kind(), { connection, delete: "touch /srv/file" });
      expect(fs.existsSync(file())).toBe(false);
      await kind().remove?.(state);
      expect(fs.existsSync(file())).toBe(true);
    });

    test("passes a command's failure on, with what it said", async () => {
      const failing = { connection, create: "echo wrong >&2; exit 3" };
      await expect(created(kind(), failing)).rejects.toThrow(/status 3[^]*wrong/);
    });

    test("runs nothing for an address that the lab made no machine for", async () => {
      const elsewhere = { connection: { host: "localhost" }, create: `touch ${folder}/escaped` };
      await expect(created(kind(), elsewhere)).rejects.toThrow(
        "the lab has no machine at localhost: commands run on its own alone",
      );
      await expect(
        created(kind(), { connection, create: `touch ${folder}/escaped` }),
      ).rejects.toThrow(/status 1/);
      expect(fs.existsSync(path.join(folder, "escaped"))).toBe(false);
    });
  },
);
