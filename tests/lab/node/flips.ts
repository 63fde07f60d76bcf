import * as fs from "node:fs";
import * as path from "node:path";

/** One time that a node went over to another asset set. */
export interface Flip {
  set: string;
  /** When, in milliseconds since 1970. */
  at: number;
  /** The SHA-256 of the gate that the set had passed by then on this boot of the node; undefined for none. */
  gate: string | undefined;
}

/** What "current" names, from now on. */
export interface Flips {
  all: Flip[];
  close: () => void;
}

const LOOK_MILLISECONDS = 10;

/** Watches what "current" names in an assets' root. */
export function watchFlips(root: string): Flips {
  const all: Flip[] = [];
  const link = path.join(root, "current");
  const look = (): void => {
    const at = fs.lstatSync(link, { throwIfNoEntry: false })?.mtimeMs;
    if (at === undefined || at === all.at(-1)?.at) return;
    const set = path.basename(fs.readlinkSync(link));
    const record = fs.readFileSync(path.join(root, `.checked-${set}`), "utf8");
    all.push({ set, at, gate: /^gate=(.+)$/m.exec(record)?.[1] });
  };
  const timer = setInterval(look, LOOK_MILLISECONDS);
  return {
    all,
    close: () => {
      clearInterval(timer);
    },
  };
}
