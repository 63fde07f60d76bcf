import { formatElapsed, startProgress, withProgress } from "../../../lab/progress";

function recorder(terminal: boolean) {
  const written: string[] = [];
  const stream = {
    isTTY: terminal,
    columns: 40,
    write: (text: string) => written.push(text),
  };
  return { written, stream };
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

test.each([
  [0, "0:00"],
  [42.9, "0:42"],
  [725, "12:05"],
  [3723, "1:02:03"],
])("%d seconds read as %s", (seconds, text) => {
  expect(formatElapsed(seconds)).toBe(text);
});

test("in a log there is a line at the start, every 15 seconds, at each change and at the end", () => {
  const { written, stream } = recorder(false);
  const progress = startProgress("building", { stream });
  jest.advanceTimersByTime(31_000);
  progress.update("linking");
  progress.update("linking");
  progress.note("by the way");
  progress.done();
  expect(written).toEqual([
    "building\n",
    "building, 0:15\n",
    "building, 0:30\n",
    "linking, 0:31\n",
    "by the way\n",
    "linking: done, 0:31\n",
  ]);
});

test("on a terminal one line is rewritten, never wrapped, and ends as a whole line", () => {
  const { written, stream } = recorder(true);
  const progress = startProgress("building something with quite a long name indeed", { stream });
  jest.advanceTimersByTime(2_000);
  progress.note("kept");
  progress.done("built");
  const rewrites = written.filter((text) => !text.endsWith("\n"));
  expect(rewrites).toHaveLength(4);
  for (const text of rewrites) {
    expect(text.startsWith("\r\u001b[K")).toBe(true);
    expect(text.length - "\r\u001b[K".length).toBeLessThan(40);
  }
  expect(written).toContain("\r\u001b[Kkept\n");
  expect(written.at(-1)).toBe("\r\u001b[Kbuilt, 0:02\n");
});

test("nothing is written after the end", () => {
  const { written, stream } = recorder(false);
  const progress = startProgress("building", { stream });
  progress.done();
  progress.fail();
  progress.update("more");
  jest.advanceTimersByTime(60_000);
  expect(written).toEqual(["building\n", "building: done, 0:00\n"]);
});

test("a body's failure is told and passed on", async () => {
  const { written, stream } = recorder(false);
  const run = withProgress("building", () => Promise.reject(new Error("broken")), { stream });
  await expect(run).rejects.toThrow("broken");
  expect(written.at(-1)).toBe("building: failed, 0:00\n");
});
