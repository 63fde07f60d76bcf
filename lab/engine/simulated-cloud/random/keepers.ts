import { type InputRule, Shape } from "../resource-kind";

/** Values that make a new resource when they change; every random resource takes them. */
export const keepers = { shape: Shape.TextMap } as const satisfies InputRule;
