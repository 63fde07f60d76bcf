import type { Fault } from "../../components/shared/faults";

/** Environment variables, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whole numbers that are allowed. */
interface Range {
  least: number;
  most: number;
}

/** Reads environment variables and keeps what is wrong with them, so that all of it can be told at once. */
export class VariableReader {
  /** What was wrong so far, in the order it was read. */
  readonly faults: Fault[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Keeps a fault of a variable. */
  fault(name: string, fault: Omit<Fault, "path">): void {
    this.faults.push({ path: name, ...fault });
  }

  /** A variable's text; `undefined` where it is absent or empty. */
  text(name: string): string | undefined {
    const text = this.#environment[name];
    return text === undefined || text.trim() === "" ? undefined : text;
  }

  /** A text that must be there. */
  required(name: string): string {
    const text = this.text(name);
    if (text === undefined) this.fault(name, { problem: "missing" });
    return text ?? "";
  }

  /** A whole number, or another where there is none. */
  whole(name: string, { otherwise, ...range }: Range & { otherwise: number }): number {
    return this.optionalWhole(name, range) ?? otherwise;
  }

  /** A whole number; `undefined` where there is none. */
  optionalWhole(name: string, { least, most }: Range): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,10}$/.test(text) ? Number(text) : -1;
    if (value < least || value > most) {
      const allowed = `a whole number from ${least} to ${most}`;
      this.fault(name, { problem: "out of range", got: text, allowed });
    }
    return value;
  }

  /** `true` or `false`. */
  flag(name: string, otherwise: boolean): boolean {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    if (text !== "true" && text !== "false") {
      this.fault(name, { problem: "neither yes nor no", got: text, allowed: "true, false" });
    }
    return text === "true";
  }

  /** One of some words. Defaults to the first. */
  oneOf<Word extends string>(name: string, words: readonly [Word, ...Word[]]): Word {
    const text = this.text(name);
    if (text === undefined) return words[0];
    const word = words.find((known) => known === text);
    if (word === undefined) {
      this.fault(name, { problem: "not known", got: text, allowed: words.join(", ") });
    }
    return word ?? words[0];
  }

  /** Words with commas between them. */
  list(name: string, otherwise: readonly string[]): readonly string[] {
    const words = this.text(name)
      ?.split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "");
    return words === undefined || words.length === 0 ? otherwise : words;
  }

  /** Names with slashes between them and none at the ends. */
  folder(name: string, otherwise = ""): string {
    const names = (this.text(name) ?? otherwise).split("/").filter((part) => part !== "");
    if (names.some((part) => part === "." || part === "..")) {
      this.fault(name, { problem: "leads out of itself", got: names.join("/") });
    }
    return names.join("/");
  }

  /** A URL without a slash at its end. */
  url(name: string): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== "https:" && url?.protocol !== "http:") {
      this.fault(name, { problem: "no URL", got: text, allowed: "https://..." });
    }
    return text.replace(/\/+$/, "");
  }
}
