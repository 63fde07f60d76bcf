import * as fs from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { Linked, LinkedText } from "../../links";
import type { RecordedResource } from "../../recording";
import { classOf } from "./classes";

// Every resource is registered as it was recorded, with the SDKs' classes, as a program without components would.
const file = new pulumi.Config().require("recording");
const recording: RecordedResource[] = JSON.parse(fs.readFileSync(file, "utf8"));
const made = new Map<string, any>();

for (const { urn, type, name, inputs, secrets, dependencies, provider, timeouts } of recording) {
  const values = Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [
      key,
      secrets.includes(key) ? pulumi.secret(resolved(value)) : resolved(value),
    ]),
  );
  const options = {
    dependsOn: dependencies.flatMap((dependency) => made.get(dependency) ?? []),
    customTimeouts: timeouts,
    ...(made.has(provider) && { provider: made.get(provider) }),
  };
  // Providers keep their settings as texts, and take them as what they are.
  if (type.startsWith("pulumi:providers:")) {
    for (const [key, value] of Object.entries(values)) {
      if (value === "true" || value === "false") values[key] = value === "true";
    }
  }
  made.set(urn, new (classOf(type))(name, values, options));
}

function resolved(value: Linked): any {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== "object" || value === null) return value;
  if (isLinked(value)) return text(value);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, resolved(entry)]));
}

function isLinked(value: object): value is LinkedText {
  return "$parts" in value;
}

function text({ $parts, base64 }: LinkedText): pulumi.Output<string> {
  const parts = $parts.map((part) => {
    if (typeof part === "string") return part;
    const [first = "", ...rest] = part.path;
    return pulumi
      .output(made.get(part.urn)[first])
      .apply((value) => rest.reduce((at: any, key) => at?.[key], value));
  });
  return pulumi.all(parts).apply((all) => {
    const whole = all.join("");
    return base64 ? Buffer.from(whole).toString("base64") : whole;
  });
}
