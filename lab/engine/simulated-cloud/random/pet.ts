import { randomInt } from "node:crypto";
import { numberOf, optionalText, textOf } from "../inputs";
import { type ResourceKind, Shape } from "../resource-kind";
import { keepers } from "./keepers";

// A list of our own, much shorter than the official provider's: names are readable, not unguessable.
const ADVERBS =
  "boldly calmly deeply early gladly highly justly kindly mildly neatly openly quietly".split(" ");
const ADJECTIVES =
  "able brave calm eager fair glad keen loyal merry noble proud quick sunny wise".split(" ");
const ANIMALS =
  "badger crane falcon gecko heron ibex lynx marten otter puffin raven seal tapir wren".split(" ");

/** `random.RandomPet`: adverbs, an adjective and an animal. It cannot be imported. */
export const randomPet: ResourceKind = {
  inputs: {
    keepers,
    length: { shape: Shape.Integer, default: 2, minimum: 1 },
    prefix: { shape: Shape.Text },
    separator: { shape: Shape.Text, default: "-" },
  },
  outputs: [],
  secrets: [],
  create: (inputs) => {
    const lists = [ANIMALS, ADJECTIVES];
    const words = Array.from({ length: numberOf(inputs, "length") }, (_, place) =>
      any(lists[place] ?? ADVERBS),
    ).reverse();
    const prefix = optionalText(inputs, "prefix") ?? "";
    const id = [...(prefix === "" ? [] : [prefix]), ...words].join(textOf(inputs, "separator"));
    return { id, outputs: {} };
  },
};

function any(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? "";
}
