/** Everything that the package has, as other languages see it. */
export * from "./kubernetes";
