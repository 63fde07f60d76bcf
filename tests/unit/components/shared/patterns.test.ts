import * as pulumi from "@pulumi/pulumi";
import { renderFault } from "../../../../components/shared/faults";
import { patternFaults } from "../../../../components/shared/patterns";

const faults = (got: unknown) =>
  patternFaults("zone", got, /^[a-z]+-\d$/, "not a zone", "as in a-1").map(renderFault);

test("text that has the pattern passes, and other text does not", () => {
  expect(faults("abc-1")).toEqual([]);
  expect(faults("abc")).toEqual(['zone: not a zone, got "abc", allowed as in a-1']);
  expect(faults("")).toEqual(['zone: not a zone, got "", allowed as in a-1']);
});

test("what is not given, or known only later, passes", () => {
  expect(faults(undefined)).toEqual([]);
  expect(faults(pulumi.output("abc"))).toEqual([]);
});
