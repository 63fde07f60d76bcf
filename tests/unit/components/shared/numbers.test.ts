import { renderFault } from "../../../../components/shared/faults";
import { nodeCountFaults, wholeNumberFaults } from "../../../../components/shared/numbers";

test.each([2, 5, 9, undefined])("%p is a whole number from 2 to 9, or left out", (got) => {
  expect(wholeNumberFaults("pool.minNodes", got, 2, 9)).toEqual([]);
});

test.each([1, 10, 2.5, -3, Number.NaN, Number.POSITIVE_INFINITY])("%p is none", (got) => {
  expect(wholeNumberFaults("pool.minNodes", got, 2, 9)).toMatchObject([
    { path: "pool.minNodes", problem: "out of range", got },
  ]);
});

test("a number out of range is told with both bounds", () => {
  expect(wholeNumberFaults("pool.minNodes", 10, 2, 9).map(renderFault)).toEqual([
    "pool.minNodes: out of range, got 10, allowed whole numbers 2 to 9",
  ]);
});

test.each([
  ["", 3, 3, []],
  ["systemPool.", 2, 6, []],
  ["", 4, 3, ["minNodes: more than maxNodes, got 4, allowed at most 3"]],
  ["systemPool.", 4, 3, ["systemPool.minNodes: more than maxNodes, got 4, allowed at most 3"]],
])("%pminNodes %p of %p", (pool, least, most, faults) => {
  expect(nodeCountFaults(pool, least, most).map(renderFault)).toEqual(faults);
});
