import fs from "node:fs";
import { z } from "zod";

const operation = z.enum(["check", "create", "read", "update", "delete", "invoke"]);

const fault = z.strictObject({
  /** Regular expression over `<type token> <logical name>`. */
  match: z.string(),
  operation,
  /**
   * `before` nothing happened; `after` it happened and the answer was lost: an error came instead; `partial` it
   * happened, incompletely; `unanswered` it happened and nothing ever comes: whoever waits has to be ended.
   */
  when: z.enum(["before", "after", "partial", "unanswered"]),
  /** The first call that fails, from 1. Defaults to 1. */
  nth: z.int().min(1).default(1),
  /** How many calls fail from there on. Defaults to 1. */
  times: z.int().min(1).default(1),
  message: z.string().default("InternalError: simulated fault"),
});

const throttle = z.strictObject({
  match: z.string(),
  operation,
  /** Calls that are refused before one passes. */
  refusals: z.int().min(1),
  /** Whether the refusal reaches the engine; the real providers repeat most calls themselves. Defaults to false. */
  surfaces: z.boolean().default(false),
});

const consistency = z.strictObject({
  match: z.string(),
  /** Reads and references after creation that do not find the object. */
  hiddenCalls: z.int().min(1),
  /** Whether "not found" reaches the engine; the real providers repeat most calls. Defaults to false. */
  surfaces: z.boolean().default(false),
});

const schema = z.strictObject({
  /** AWS account. */
  account: z.string().default("123456789012"),
  /** Google project where the program's config names none. Defaults to none. */
  project: z.string().optional(),
  subscriptionId: z.string().default("6b1f6471-1bf0-4dda-aec3-cb9272f09590"),
  tenantId: z.string().default("4d4ad3b2-9f0c-4b6a-8a5e-0f6f5f7f3c11"),
  /** How many times faster than the published durations calls are answered; 0, the default: at once. */
  speed: z.number().min(0).default(0),
  faults: z.array(fault).default([]),
  throttling: z.array(throttle).default([]),
  consistency: z.array(consistency).default([]),
  /** Regular expressions over ids, names and ARNs of objects that exist although no program made them. */
  existing: z.array(z.string()).default([]),
});

/** How the simulated clouds behave: `settings.json` in their folder, read anew for each call. */
export type CloudSettings = z.infer<typeof schema>;
/** One rule of {@link CloudSettings.faults}. */
export type FaultRule = CloudSettings["faults"][number];

/** What holds where nothing is set. */
export const DEFAULT_SETTINGS: CloudSettings = schema.parse({});

/** A reader of the file that parses it only when it has changed. Throws, with every fault, on a wrong one. */
export function settingsFrom(file: string): () => CloudSettings {
  let known = { modified: -1, settings: DEFAULT_SETTINGS };
  return () => {
    const modified = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1;
    if (modified === known.modified) return known.settings;
    const settings = modified < 0 ? DEFAULT_SETTINGS : parseSettings(file);
    known = { modified, settings };
    return settings;
  };
}

function parseSettings(file: string): CloudSettings {
  const parsed = schema.safeParse(JSON.parse(fs.readFileSync(file, "utf8")));
  if (parsed.success) return parsed.data;
  throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
}
