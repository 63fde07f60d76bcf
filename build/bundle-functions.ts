/**
 * Bundles the trace uploader, one file a target, into components/trace-uploader/bundles (or the folder that is the argument): `npm run
 * bundle`. What comes out depends on the sources and the locked dependencies alone, byte for byte; the bundles are committed, since who
 * takes the components from git builds nothing.
 */
import { build, type Metafile } from "esbuild";
import * as fs from "node:fs";
import * as path from "node:path";

const repository = path.resolve(__dirname, "..");
const entries = path.join(repository, "functions/trace-uploader/entries");

/** Where the bundles are kept. */
export const bundleFolder = path.join(repository, "components/trace-uploader/bundles");

/** What there is a bundle for; the name of its entry and its file. */
export const bundleTargets = ["azure", "cloud-run", "command", "lambda"] as const;

/** One bundle and what is in it. */
export interface MadeBundle {
  name: string;
  text: string;
  /** Folders of the packages in it, from the root of the repository. */
  packages: readonly string[];
}

/** Makes all bundles and writes them, with the licences of what is in them, into a folder. */
export async function bundleFunctions(folder: string): Promise<MadeBundle[]> {
  const bundles: MadeBundle[] = [];
  for (const name of bundleTargets) bundles.push(await bundle(name));
  fs.mkdirSync(folder, { recursive: true });
  for (const { name, text } of bundles) fs.writeFileSync(path.join(folder, `${name}.js`), text);
  const packages = [...new Set(bundles.flatMap((made) => made.packages))].sort();
  fs.writeFileSync(path.join(folder, "licences.txt"), packages.map(licence).join(""));
  return bundles;
}

async function bundle(name: string): Promise<MadeBundle> {
  const result = await build({
    entryPoints: [path.join(entries, `${name}.ts`)],
    absWorkingDir: repository,
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    charset: "utf8",
    legalComments: "none",
    // Node.js looks at these first where a package has files for browsers, or for import and require.
    mainFields: ["module", "main"],
    // Azure's host brings it.
    external: ["@azure/functions-core"],
    banner: {
      js: `// Made by build/bundle-functions.ts of kvm-fabric; licences.txt has the licences of what is in it.`,
    },
    logLevel: "error",
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`${name}: esbuild made no file`);
  return { name, text: file.text, packages: packagesOf(result.metafile) };
}

function packagesOf({ outputs }: Metafile): string[] {
  const inputs = Object.values(outputs).flatMap((output) =>
    Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
  );
  return [
    ...new Set(
      inputs.flatMap(
        ([file]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.slice(0, 1) ?? [],
      ),
    ),
  ];
}

/** A package's name, version and licence, as its authors want them kept. */
function licence(folder: string): string {
  const whole = path.join(repository, folder);
  const manifest: unknown = JSON.parse(fs.readFileSync(path.join(whole, "package.json"), "utf8"));
  const { name, version, license } = fieldsOf(manifest);
  const file = fs
    .readdirSync(whole)
    .sort()
    .find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? "" : fs.readFileSync(path.join(whole, file), "utf8").trim();
  const title = `${String(name)} ${String(version)} (${String(license)})`;
  return `${title}\n${"=".repeat(title.length)}\n\n${text.replaceAll("\r\n", "\n")}\n\n`;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

if (require.main === module) {
  const [folder = bundleFolder] = process.argv.slice(2);
  bundleFunctions(path.resolve(folder)).then(
    (bundles) => {
      for (const { name, text } of bundles) {
        process.stdout.write(`${name}.js ${Math.round(Buffer.byteLength(text) / 1024)} KiB\n`);
      }
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
