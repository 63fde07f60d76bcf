import { quote } from "./quote";

/** A file on a host. */
export interface HostFile {
  content: string;
  /** As `chmod` takes it: `600`. */
  mode: string;
  path: string;
}

/** A file whose content is one line of the script's standard input, in the order of the files. */
export interface SecretFile {
  mode: string;
  path: string;
  /** True where the line is the content in base64. Defaults to false. */
  base64?: boolean;
}

/**
 * What every script begins with. `put` and `put_secret` write a file only where it differs, under another name first,
 * and count the change; a second run therefore changes nothing and restarts nothing. A script that names a file in
 * `pending` finds it there after a change, until it has taken it up: also where the run was killed between.
 */
export const SHELL_FUNCTIONS = `set -eu
umask 077
LC_ALL=C
export LC_ALL
changes=0

say() { printf '%s: %s\\n' "$host" "$1"; }
fail() {
  printf '%s: %s\\n' "$host" "$1" >&2
  exit 1
}
changed() {
  changes=$((changes + 1))
  say "$1"
}
put() {
  if [ -f "$2" ] && [ "$(stat -c %a "$2")" = "$1" ] && printf '%s' "$3" | cmp -s - "$2"; then
    return 0
  fi
  mkdir -p "$(dirname "$2")"
  printf '%s' "$3" >"$2.new"
  chmod "$1" "$2.new"
  if [ -n "\${pending:-}" ]; then : >"$pending"; fi
  mv -f "$2.new" "$2"
  changed "wrote $2"
}
put_secret() {
  IFS= read -r secret || fail "no content for $2 on standard input"
  put "$1" "$2" "$secret"
}
put_decoded() {
  IFS= read -r secret || fail "no content for $2 on standard input"
  put "$1" "$2" "$(printf '%s' "$secret" | base64 -d)"
}
private_dir() {
  if [ ! -d "$1" ] || [ "$(stat -c %a "$1")" != 700 ]; then
    mkdir -p "$1"
    chmod 700 "$1"
    changed "made $1 private"
  fi
}
`;

/** Renders assignments of values that may hold anything. */
export function variables(values: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${quote(String(value))}`);
  return `${lines.join("\n")}\n`;
}

/** Renders the writing of files. A `$` stands outside the quotes, so that shellcheck takes none for a mistake. */
export function putFiles(files: readonly HostFile[]): string {
  const lines = files.map(({ content, mode, path }) => {
    const text = quote(content).replaceAll("$", () => String.raw`'\$'`);
    return `put ${mode} ${path} ${text}`;
  });
  return `${lines.join("\n")}\n`;
}

/** Renders the writing of files from standard input. */
export function putSecrets(files: readonly SecretFile[]): string {
  return files
    .map(({ base64, mode, path }) => `${base64 ? "put_decoded" : "put_secret"} ${mode} ${path}\n`)
    .join("");
}
