import { renderFault } from "../../../../components/shared/faults";
import { memberFaults, requiredMemberFaults } from "../../../../components/shared/members";

const colours = ["red", "green"];

test("a member passes, and nothing where it may be left out", () => {
  expect(memberFaults("colour", "red", colours)).toEqual([]);
  expect(memberFaults("colour", undefined, colours)).toEqual([]);
  expect(requiredMemberFaults("colour", "green", colours)).toEqual([]);
});

test("any other value is told with the members", () => {
  const text = 'colour: not one of the values, got "blue", allowed red, green';
  expect(memberFaults("colour", "blue", colours).map(renderFault)).toEqual([text]);
  expect(requiredMemberFaults("colour", "blue", colours).map(renderFault)).toEqual([text]);
  expect(memberFaults("colour", "", colours)).toHaveLength(1);
});

test("a value that must be given is missed", () => {
  expect(requiredMemberFaults("colour", undefined, colours).map(renderFault)).toEqual([
    "colour: missing, allowed red, green",
  ]);
});
