import type { Input } from "@pulumi/pulumi";

/** An environment variable as a container's specification holds it. */
export interface EnvironmentVariable {
  name: string;
  value?: Input<string>;
  valueFrom?: {
    fieldRef?: { fieldPath: string };
    secretKeyRef?: { name: Input<string>; key: string };
  };
}
