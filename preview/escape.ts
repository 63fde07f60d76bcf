/** A text of somebody else's as inline code: nothing in it is read as Markdown, HTML or a mention. */
export function code(text: string, longest = 160): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll("`", "'").trim();
  const short = line.length > longest ? `${line.slice(0, longest)}...` : line;
  // In a table a pipe ends the cell even within code.
  return short === "" ? "" : `\`${short.replaceAll("|", "\\|")}\``;
}

/** A text of several lines as a fenced block that nothing in it can end. */
export function block(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A text as the label of a Mermaid node, within quotes. */
export function label(text: string): string {
  const safe = text.replaceAll(/[^\p{L}\p{N} .:,/()@+~-]/gu, "_");
  return safe.length > 60 ? `${safe.slice(0, 60)}...` : safe;
}

/** "1 resource", "2 resources". */
export function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? "" : "s"}`;
}
