import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse } from "yaml";
import { commentMark } from "../../../preview/markdown";
import { repository } from "../../support/source-files";

const text = fs.readFileSync(path.join(repository, ".github/workflows/preview.yml"), "utf8");
const workflow = parse(text);
const steps: any[] = Object.values<any>(workflow.jobs).flatMap((job) => job.steps);

test("it runs on pull requests, never with the rights of the target branch", () => {
  expect(workflow.on).toBe("pull_request");
});

test("every action is pinned by commit, with its version beside", () => {
  const uses = [...text.matchAll(/uses: (.*)$/gm)].map(([, action = ""]) => action);
  expect(uses.length).toBeGreaterThan(2);
  for (const action of uses)
    expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test("each job has the rights that it needs and no more", () => {
  expect(workflow.permissions).toEqual({});
  const rights = Object.entries<any>(workflow.jobs).map(([name, job]) => [name, job.permissions]);
  expect(Object.fromEntries(rights)).toEqual({
    check: { contents: "read" },
    stacks: { contents: "read" },
    preview: { contents: "read", "id-token": "write", "pull-requests": "write" },
  });
});

test("there is no secret, and nothing of the pull request gets into a script", () => {
  expect(text).not.toContain("secrets.");
  for (const { run = "" } of steps) expect(run).not.toContain("${{");
});

test("a pull request from a fork gets the check alone", () => {
  expect(workflow.jobs.check.if).toBeUndefined();
  expect(workflow.jobs.stacks.if).toContain("head.repo.full_name == github.repository");
  expect(workflow.jobs.preview.needs).toBe("stacks");
});

test("a checkout leaves no token behind", () => {
  const checkouts = steps.filter(({ uses = "" }) => uses.startsWith("actions/checkout@"));
  expect(checkouts).toHaveLength(3);
  for (const checkout of checkouts) expect(checkout.with["persist-credentials"]).toBe(false);
});

describe("the comment", () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "kvm-fabric-comment-"));
    // Answers as the CLI of GitHub does: what it lists is filtered by the very expression, which jq has not here.
    const gh = `#!/bin/sh
      printf '%s\\n' "$*" >> "${folder}/calls"
      case "$*" in *--paginate*) printf '%s' "$MARK" > "${folder}/mark"; cat "${folder}/own" ;; esac`;
    fs.writeFileSync(path.join(folder, "gh"), gh, { mode: 0o755 });
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  function comment(own: string, body: string): { calls: string[]; mark: string; body: string } {
    const file = path.join(folder, "comment.md");
    fs.writeFileSync(path.join(folder, "own"), own);
    fs.writeFileSync(file, body);
    const result = spawnSync(path.join(repository, ".github/comment.sh"), ["eu/prod", file], {
      env: {
        PATH: `${folder}:${process.env.PATH ?? ""}`,
        GITHUB_REPOSITORY: "our/fabric",
        PULL_REQUEST: "7",
      },
      encoding: "utf8",
    });
    expect({ status: result.status, stderr: result.stderr }).toEqual({ status: 0, stderr: "" });
    const read = (name: string) => fs.readFileSync(path.join(folder, name), "utf8");
    return {
      calls: read("calls").trim().split("\n"),
      mark: read("mark"),
      body: read("comment.md"),
    };
  }

  test("is written where there is none", () => {
    const { calls, mark } = comment("", "body");
    expect(mark).toBe(commentMark("eu/prod"));
    expect(calls.at(-1)).toMatch(
      /^api --silent --method POST repos\/our\/fabric\/issues\/7\/comments --field body=@/,
    );
  });

  test("is edited in place where there is one", () => {
    const { calls } = comment("42\n43\n", "body");
    expect(calls.filter((call) => /POST|PATCH/.test(call))).toEqual([
      expect.stringMatching(
        /^api --silent --method PATCH repos\/our\/fabric\/issues\/comments\/42 --field body=@/,
      ),
    ]);
  });

  test("says so where the preview left nothing", () => {
    const { body } = comment("42", "");
    expect(body).toContain(commentMark("eu/prod"));
    expect(body).toContain("**The preview failed** before it could say why");
  });
});
