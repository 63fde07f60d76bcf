/**
 * Makes a thing once for each set of arguments, for tests that only read it. Arguments that are more than data, such as
 * functions and outputs, are made anew each time.
 */
export function remember<Args extends unknown[], Made>(
  make: (...args: Args) => Made,
): (...args: Args) => Made {
  const known = new Map<string, Made>();
  return (...args) => {
    if (!isData(args)) return make(...args);
    // What is said to be undefined is another argument than what is not said.
    const key = JSON.stringify(args, (_, value: unknown) => (value === undefined ? "\0" : value));
    const made = known.get(key) ?? make(...args);
    known.set(key, made);
    return made;
  };
}

function isData(value: unknown): boolean {
  if (typeof value === "function") return false;
  if (typeof value !== "object" || value === null) return true;
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && Object.values(value).every(isData);
}
