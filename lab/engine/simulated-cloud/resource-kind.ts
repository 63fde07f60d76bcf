import type { Properties } from "../grpc/wire";

/** What a property holds. A record's fields are not looked into. */
export const Shape = {
  Text: "a string",
  Integer: "a whole number",
  Flag: "true or false",
  TextList: "a list of strings",
  TextMap: "a map of strings",
  Record: "an object",
} as const;
export type Shape = (typeof Shape)[keyof typeof Shape];

/** One input property of a resource. */
export interface InputRule {
  shape: Shape;
  required?: boolean;
  /** What the resource has when the program leaves the property out. */
  default?: string | number | boolean;
  minimum?: number;
  allowed?: readonly string[];
  /** A change updates the resource instead of replacing it. Defaults to false. */
  inPlace?: boolean;
  /** Used at creation and never kept in the resource's state. Defaults to false. */
  writeOnly?: boolean;
}

/** Something wrong with an input. */
export interface InputFault {
  property: string;
  reason: string;
}

/** What comes into being: the provider's id and the properties that are not inputs. */
export interface Created {
  id: string;
  outputs: Properties;
}

/** How one type of resource behaves. Inputs reach it complete with defaults and free of secret marks. */
export interface ResourceKind {
  inputs: Record<string, InputRule>;
  /** Names of the properties that exist only once the resource does. */
  outputs: readonly string[];
  /** Names of the properties, inputs or outputs, that are always secret. */
  secrets: readonly string[];
  /** Rules over several properties; a property that is not known yet is missing from `known`. */
  check?(known: Properties, given: ReadonlySet<string>): InputFault[];
  /** Fills in defaults that depend on other inputs. */
  complete?(inputs: Properties): Properties;
  create(inputs: Properties): Created | Promise<Created>;
  /** Changes the resource in place and answers with its outputs; without it they stay as they are. */
  change?(state: Properties, inputs: Properties): Promise<Properties>;
  /** Takes the resource away; without it there is nothing to take. */
  remove?(state: Properties): Promise<void>;
  /** Outputs as they are now; defaults to what the state holds. */
  read?(state: Properties): Properties;
  /** Names of outputs by which the resource has become useless and must be replaced. */
  expired?(state: Properties): string[];
  /** The state of a resource that was made elsewhere, from its import id; without it import is refused. */
  adopt?(id: string): { id: string; state: Properties };
}

/** A provider's package: its resources by type token and its functions by token. */
export interface SimulatedPackage {
  resources: Record<string, ResourceKind>;
  functions: Record<string, (args: Properties) => Properties>;
}
