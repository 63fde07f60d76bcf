import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { renderFault } from "../../components/shared/faults";
import { parseConfig } from "../../stacks/config";
import type { Deployment, Registration } from "./deploy";
import { remember } from "./remember";
import { repository } from "./source-files";

/** Supported versions are judged by the day: the tests' day never changes. */
export const TODAY = new Date("2026-11-21T00:00:00Z");

const fabricOf = remember((file: string) => {
  const { config } = parse(fs.readFileSync(path.join(repository, file), "utf8"));
  return JSON.stringify(config["kvm-fabric:fabric"]);
});

/** The fabric of a stack's file, below the repository's root; each call makes it anew, so it may be changed. */
export function settingsOf(file: string): any {
  return JSON.parse(fabricOf(file));
}

/** The faults of a stack's file with a change, as the user reads them. */
export function faultsOf(
  file: string,
  change: (fabric: any) => void,
  sshPrivateKey?: string,
): string[] {
  const settings = settingsOf(file);
  change(settings);
  const result = parseConfig(settings, {}, TODAY, sshPrivateKey);
  return result.ok ? [] : result.faults.map(renderFault);
}

/** Holds the clock at {@link TODAY} for all tests of a file, and leaves its timers alone. */
export function stopTheClock(): void {
  beforeAll(() => {
    jest.useFakeTimers({
      now: TODAY,
      doNotFake: [
        "clearImmediate",
        "clearInterval",
        "clearTimeout",
        "hrtime",
        "nextTick",
        "performance",
        "queueMicrotask",
        "setImmediate",
        "setInterval",
        "setTimeout",
      ],
    });
  });
  afterAll(() => {
    jest.useRealTimers();
  });
}

/** The lines of a golden file; KVM_FABRIC_UPDATE_GOLDEN=1 writes it from what there is. */
export function golden(file: string, lines: readonly string[]): string[] {
  if (process.env.KVM_FABRIC_UPDATE_GOLDEN === "1") fs.writeFileSync(file, `${lines.join("\n")}\n`);
  return fs.readFileSync(file, "utf8").trimEnd().split("\n");
}

/** Logical names of the resources that stand by themselves without being components. */
export function topResources({ resources }: Deployment): string[] {
  const tops = resources.filter(({ custom, parent }) => custom && parent === "");
  return tops.map(({ name }) => name).sort();
}

/** Resources whose names do not begin with their parents', as `name < parent`. */
export function strayNames({ resources }: Deployment): string[] {
  const strays = resources.filter(
    ({ name, parent }) => parent !== "" && name !== parent && !name.startsWith(`${parent}-`),
  );
  return strays.map(({ name, parent }) => `${name} < ${parent}`);
}

/** Logical names of a package's resources, `package:`, that go through another provider than this one. */
export function elsewhere({ resources }: Deployment, of: string, through: Registration): string[] {
  const others = resources.filter(
    ({ custom, provider, type }) =>
      custom && type.startsWith(of) && !provider.startsWith(`${through.urn}::`),
  );
  return others.map(({ name }) => name);
}
