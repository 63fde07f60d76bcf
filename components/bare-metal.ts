/**
 * Components for one's own machines: `import ... from "kvm-fabric/bare-metal"`. Loads no cloud's SDK.
 */
export {};
