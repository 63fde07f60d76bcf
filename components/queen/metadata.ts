import { objectLabels } from "../shared/labels";
import type { QueenPlan } from "./plan";
import { QUEEN_APP } from "./ports";

/** The metadata of an object of an instance, in Queen's own namespace. */
export function queenMetadata({ names, namespace }: QueenPlan, name: string) {
  return { name, namespace, labels: objectLabels(QUEEN_APP, names.queen) };
}
