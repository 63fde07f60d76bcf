/**
 * Quotes a value so that a POSIX shell reads it as one word, whatever it holds. A NUL byte cannot be passed to any
 * program, so the planners refuse control characters before a value comes here.
 */
export function quote(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * The command that runs a script as root on a host. The login shell of the user only starts `sh`; what is secret comes
 * through standard input, since a command line is seen by every user of the host.
 */
export function remoteCommand(script: string, user: string): string {
  return `${user === "root" ? "" : "sudo -n "}sh -c ${quote(script)}`;
}
