/**
 * Renders the beginning of a script that names every tool that its image lacks: the images are the users' own.
 * POSIX sh.
 */
export function toolCheck(container: string, tools: readonly string[]): string {
  return `lacking=
for tool in ${tools.join(" ")}; do
  command -v "$tool" >/dev/null || lacking="$lacking $tool"
done
[ -z "$lacking" ] || { echo "${container}: the image lacks$lacking; docs/worker.md says what it must contain" >&2; exit 1; }`;
}
