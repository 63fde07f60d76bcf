import fc from "fast-check";
import { GkeExclusionScope } from "../../../../../components/cluster/gcp/args";
import {
  exclusionFaults,
  recurringWindow,
  windowFaults,
} from "../../../../../components/cluster/gcp/maintenance";
import { Weekday } from "../../../../../components/cluster/weekday";
import { renderFault } from "../../../../../components/shared/faults";

test("the window that is taken where none is given", () => {
  expect(recurringWindow()).toEqual({
    startTime: "2024-01-06T01:00:00Z",
    endTime: "2024-01-06T07:00:00Z",
    recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
  });
  expect(windowFaults("window")).toEqual([]);
});

test("days are told in the order of the week, whatever order they are given in", () => {
  const days = [Weekday.Friday, Weekday.Monday, Weekday.Wednesday];
  expect(recurringWindow({ days, durationHours: 4, startTime: "22:30" })).toEqual({
    startTime: "2024-01-01T22:30:00Z",
    endTime: "2024-01-02T02:30:00Z",
    recurrence: "FREQ=WEEKLY;BYDAY=MO,WE,FR",
  });
});

const week = Object.values(Weekday);
const windows = fc.record({
  days: fc.subarray(week, { minLength: 1 }),
  durationHours: fc.integer({ min: 0, max: 30 }),
  startTime: fc
    .tuple(fc.nat({ max: 23 }), fc.nat({ max: 59 }))
    .map((numbers) => numbers.map((number) => String(number).padStart(2, "0")).join(":")),
});

test("property: a window is taken exactly where GKE's 48 hours in 32 days are in it", () => {
  fc.assert(
    fc.property(windows, (window) => {
      const { days, durationHours } = window;
      const fits = durationHours >= 4 && durationHours <= 24;
      // Any 32 days hold at least four openings of each weekday.
      const enough = days.length * 4 * durationHours >= 48;
      expect(windowFaults("window", window).length === 0).toBe(fits && enough);
    }),
  );
});

test("property: a window that is taken begins on its first day and lasts as long as it says", () => {
  fc.assert(
    fc.property(windows, (window) => {
      fc.pre(windowFaults("window", window).length === 0);
      const { startTime, endTime, recurrence } = recurringWindow(window);
      const length = Date.parse(endTime) - Date.parse(startTime);
      expect(length).toBe(window.durationHours * 3_600_000);
      const opening = week[(new Date(startTime).getUTCDay() + 6) % 7];
      expect(week.find((day) => window.days.includes(day))).toBe(opening);
      expect(startTime.slice(11, 16)).toBe(window.startTime);
      const named = recurrence.split("BYDAY=")[1]?.split(",") ?? [];
      expect(named).toHaveLength(window.days.length);
    }),
  );
});

test.each([
  [{ days: [] }, "window.days: empty, allowed Monday, "],
  [{ days: [Weekday.Monday, Weekday.Monday] }, 'window.days[1]: given twice, got "Monday"'],
  [{ startTime: "24:00" }, 'window.startTime: not a time of day, got "24:00"'],
  [{ durationHours: 3 }, "window.durationHours: out of range, got 3, allowed whole hours 4 to 24"],
  [
    { days: [Weekday.Sunday], durationHours: 4 },
    'window: too short for GKE, which asks for 48 hours in 32 days, got "4 hours a week", allowed at least 12 hours a week',
  ],
])("refuses the window %j", (window, line) => {
  const faults = windowFaults("window", window).map(renderFault);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(line);
});

const freeze = {
  name: "freeze",
  startTime: "2026-12-20T00:00:00Z",
  endTime: "2027-01-02T00:00:00Z",
};

test("takes exclusions, those of minor versions with a channel alone", () => {
  const minor = { ...freeze, scope: GkeExclusionScope.NoMinorUpgrades };
  expect(exclusionFaults("exclusions", [freeze], true)).toEqual([]);
  expect(exclusionFaults("exclusions", [minor], false)).toEqual([]);
  expect(exclusionFaults("exclusions", [minor], true).map(renderFault)).toEqual([
    'exclusions[0].scope: needs a release channel, and a version is pinned, got "NO_MINOR_UPGRADES", allowed NO_UPGRADES',
  ]);
});

test("names every fault of exclusions", () => {
  const exclusions = [
    freeze,
    { ...freeze, endTime: "2026-12-20T00:00:00Z" },
    { ...freeze, name: "b", startTime: "20 December" },
    { ...freeze, name: "c" },
  ];
  expect(exclusionFaults("exclusions", exclusions, false).map(renderFault)).toEqual([
    "exclusions: too many exclusions of every upgrade, got 4, allowed at most 3",
    'exclusions[1].name: given twice, got "freeze"',
    'exclusions[1].endTime: not after startTime, got "2026-12-20T00:00:00Z"',
    'exclusions[2].startTime: not a time in RFC 3339, got "20 December", allowed as in 2026-12-24T00:00:00Z',
  ]);
});
