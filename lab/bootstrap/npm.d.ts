/** `npm ci` in a folder: exactly what its lock file says, no scripts of packages. */
export function npmCi(
  folder: string,
  env: NodeJS.ProcessEnv,
  onStart?: (pid: number) => void,
): Promise<void>;
