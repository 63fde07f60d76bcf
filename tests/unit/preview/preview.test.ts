import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { LONGEST_BODY, sizeOf } from "../../../preview/budget";
import { readEvents } from "../../../preview/events";
import { renderFailure, renderPreview } from "../../../preview/markdown";
import { Action, foldPreview, type Change, type Preview } from "../../../preview/preview";
import { keysOf } from "../../../preview/properties";

// Recorded from the real engine: a program with two components, see the names; without its debug messages.
function recorded(name: string): Preview {
  const read = readEvents(
    fs.readFileSync(path.join(__dirname, "recorded", `${name}.jsonl`), "utf8"),
  );
  if (!read.ok) throw new Error(read.problem);
  return foldPreview(read.events);
}

test("what goes is first, stateful kinds on top, with the properties that force it", () => {
  const rows = renderPreview("prod", recorded("changes"))
    .split("\n")
    .filter((line) => /^\| (replace|delete)/.test(line));
  expect(rows).toEqual([
    "| replace | `orders-password` | `random:index/randomPassword:RandomPassword` | **stateful** |  | `length` |",
    "| replace | `orders-server` | `kubernetes:apps/v1:StatefulSet` | **stateful** |  | `spec.serviceName` |",
    '| replace | `gateway-config` | `kubernetes:core/v1:ConfigMap` |  |  | `data["page.html"]`, `data["server.json"]` |',
    "| replace | `orders-secret` | `kubernetes:core/v1:Secret` |  |  | `data`, `stringData` |",
    "| delete | `gateway-old` | `kubernetes:core/v1:ConfigMap` |  |  |  |",
  ]);
});

test("the steps of one replacement are one change", () => {
  const { changes, unchanged, finished, failed } = recorded("changes");
  expect(changes.map(({ action, name }) => `${action} ${name}`).sort()).toEqual([
    "create gateway-new",
    "delete gateway-old",
    "replace gateway-config",
    "replace orders-password",
    "replace orders-secret",
    "replace orders-server",
  ]);
  expect({ unchanged, finished, failed }).toEqual({ unchanged: 4, finished: true, failed: false });
});

test("each change is told under the component that it belongs to, with what differs", () => {
  const text = renderPreview("prod", recorded("changes"));
  expect(text).toContain("<details><summary>orders (Database): 3 changes</summary>");
  expect(text).toContain(
    '-     spec.serviceName: "orders"   # forces the replacement\n' +
      '+     spec.serviceName: "orders-headless"   # forces the replacement',
  );
  expect(text).toContain('c1["orders<br/>Database<br/>3 replace"]');
});

test("secrets are not in the comment", () => {
  const text = renderPreview("prod", recorded("changes"));
  expect(text).toContain('stringData: "[secret]"');
  expect(text).not.toMatch(/old-secret|new-secret/);
});

test("a preview that changes nothing says so", () => {
  expect(renderPreview("prod", recorded("unchanged"))).toBe(
    "<!-- kvm-fabric preview of prod -->\n\n### Preview of `prod`\n\nNothing changes: 9 unchanged.",
  );
});

test.each([
  ["program-error", "kvm-fabric:fabric.target: missing"],
  ["refused", 'ConfigMap "Not A Name" is invalid'],
  ["policy", "`kvm-fabric/images-by-digest` `orders-server`:"],
])("a preview that failed says so, and why: %s", (name, why) => {
  const preview = recorded(name);
  const text = renderPreview("prod", preview);
  expect(preview.failed).toBe(true);
  expect(text).toContain("**The preview failed.** Until then: ");
  expect(text).toContain(why);
  expect(text).not.toContain("error: preview failed");
});

test("an engine that was killed leaves a comment that says so", () => {
  const log = fs.readFileSync(path.join(__dirname, "recorded/changes.jsonl"), "utf8");
  const read = readEvents(log.slice(0, log.length / 2));
  const preview = read.ok ? foldPreview(read.events) : undefined;
  expect(preview && renderPreview("prod", preview)).toContain("did not come to its end");
});

test.each(["", "\n", "no JSON\n", '{"sequence":1}\nhalf {\n{"sequence":2}\n', '{"a":1}\n'])(
  "events that cannot be read have a problem, no exception: %j",
  (text) => {
    expect(readEvents(text).ok).toBe(false);
  },
);

test("a failure's comment holds the end of the output in a block that it cannot end", () => {
  const text = renderFailure("prod", "the engine wrote no events", "``````\n@everybody");
  expect(text).toContain("```````\n``````\n@everybody\n```````");
});

test("a value within a secret is one, whatever path leads into it", () => {
  const secret = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    value: "x",
  };
  const state = (inputs: object) => ({
    type: "t",
    urn: "u",
    id: "",
    parent: "",
    inputs,
    outputs: {},
  });
  const urn = "urn:pulumi:s::p::t::n";
  const step = {
    ...{ op: "update", urn, type: "t", provider: "", old: state({ a: secret }) },
    ...{
      new: state({ a: secret }),
      detailedDiff: { "a.value": { diffKind: "update", inputDiff: true } },
    },
  };
  const event = { sequence: 0, timestamp: 0, resourcePreEvent: { metadata: step } };
  const text = renderPreview("prod", foldPreview([event as any]));
  expect(text).toContain('"[secret]"');
  expect(text).not.toContain('"x"');
});

test("paths are read as the engine writes them", () => {
  expect(keysOf('spec.ports[0]["a.b/c"].name')).toEqual(["spec", "ports", "0", "a.b/c", "name"]);
});

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom("```", "</details>", "<script>", "@org/team", "a|b", "`", "\n\n# x", "-->", '"]'),
);
const change: fc.Arbitrary<Change> = fc.record({
  action: fc.constantFrom(...Object.values(Action)),
  urn: hostile.map((name) => `urn:pulumi:s::p::a:b:C::${name}`),
  type: hostile,
  name: hostile,
  component: hostile.map((name) => `urn:pulumi:s::p::a:b:C::${name}`),
  stateful: fc.boolean(),
  protected: fc.boolean(),
  retained: fc.boolean(),
  reasons: fc.array(hostile, { maxLength: 3 }),
  properties: fc.array(
    fc.record({ path: hostile, before: hostile, after: hostile, replaces: fc.boolean() }),
    { maxLength: 60 },
  ),
});

test("whatever names and values there are, the comment is within the limit and nothing breaks out of it", () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 400, size: "max" }),
      fc.array(hostile, { maxLength: 30 }),
      (changes, errors) => {
        const preview: Preview = {
          ...{ changes, errors, warnings: errors, unchanged: 1, failed: false, finished: true },
          ...{ parents: new Map(), violations: [] },
        };
        const text = renderPreview("prod", preview);
        expect(sizeOf(text)).toBeLessThanOrEqual(LONGEST_BODY);
        const outside = withoutBlocks(text);
        expect(outside).not.toMatch(
          /<(?!\/?details>|\/?summary>|!-- kvm-fabric preview of prod -->)/,
        );
        expect(outside.match(/<details>/g)?.length).toBe(outside.match(/<\/details>/g)?.length);
      },
    ),
    { numRuns: 60 },
  );
});

/** What lies outside of fenced blocks and inline code, as CommonMark reads them. */
function withoutBlocks(text: string): string {
  const outside: string[] = [];
  let fence: string | undefined;
  for (const line of text.split("\n")) {
    const [, ticks] = /^ {0,3}(`{3,})/.exec(line) ?? [];
    if (fence === undefined && ticks !== undefined) fence = ticks;
    else if (fence !== undefined && ticks === line.trim() && ticks.length >= fence.length)
      fence = undefined;
    else if (fence === undefined) outside.push(line.replaceAll(/`[^`]*`/g, ""));
  }
  expect(fence).toBeUndefined();
  return outside.join("\n");
}

test("what does not fit is counted", () => {
  const many = Array.from({ length: 3000 }, (_, index): Change => {
    const urn = `urn:pulumi:s::p::a:b:C::component-${String(index)}`;
    return {
      ...{
        action: Action.Delete,
        urn,
        type: "a:b:C",
        name: `resource-${String(index)}`,
        component: urn,
      },
      ...{ stateful: true, protected: false, retained: false, reasons: [], properties: [] },
    };
  });
  const text = renderPreview("prod", {
    ...{ changes: many, errors: [], warnings: [], unchanged: 0, failed: false, finished: true },
    ...{ parents: new Map(), violations: [] },
  });
  const rows = text.match(/^\| delete/gm)?.length ?? 0;
  const sections = text.match(/<details>/g)?.length ?? 0;
  expect(text).toContain(`**${String(3000 - rows)} more resources** not shown here.`);
  expect(text).toContain(`**${String(3000 - sections)} more components** not shown here.`);
  expect(sizeOf(text)).toBeLessThanOrEqual(LONGEST_BODY);
});
