/**
 * Everything that the package has, as other languages see it: the entry of the component plugin, which needs every
 * cloud's SDK. A TypeScript program imports the face it needs: `kvm-fabric/aws`, `kvm-fabric/kubernetes`.
 */
export * from "./aws";
export * from "./azure";
export * from "./bare-metal";
export * from "./gcp";
export * from "./kubernetes";
