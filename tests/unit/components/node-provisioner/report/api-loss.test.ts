import * as fs from "node:fs";
import * as path from "node:path";
import { reportStage, SET, type Stage } from "./stage";

let stage: Stage;
beforeEach(() => {
  stage = reportStage();
});
afterEach(() => stage.remove());

test("half an hour without an API server, by a clock of its own: it is asked every 32 s at most, and told within as many", async () => {
  const [clock, asked] = ["clock", "asked"].map((name) => path.join(stage.root, name));
  const [begin, end] = [1000, 2800];
  fs.writeFileSync(clock!, `${begin}\n`);
  stage.program("date", `cat "${clock}"`);
  // The clock goes on with whoever rests, and with nothing else.
  stage.program(
    "sleep",
    `echo $(($(cat "${clock}") + $1)) >"${clock}.new" && mv "${clock}.new" "${clock}"`,
  );
  fs.writeFileSync(
    path.join(stage.root, "api/before"),
    `cat "${clock}" >>"${asked}"; [ "$(cat "${clock}")" -ge ${end} ] || { printf 000; exit 7; }\n`,
  );
  stage.say("proven");
  stage.start({ KVM_FABRIC_MOST_DELAY_SECONDS: "30" });
  await stage.reported();
  const times = fs.readFileSync(asked!, "utf8").trim().split("\n").map(Number);
  const missed = times.filter((time) => time < end);
  const gaps = [...missed.slice(1), times[missed.length]!].map((time, at) => time - missed[at]!);
  expect(gaps.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 32]);
  expect(new Set(gaps.slice(6))).toEqual(new Set([32]));
  expect(missed[0]).toBe(begin);
  expect(stage.writes()[0]?.body).toContainEqual(
    expect.objectContaining({ op: "add", value: SET }),
  );
});
