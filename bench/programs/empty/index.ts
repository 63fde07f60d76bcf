import * as pulumi from "@pulumi/pulumi";

/** What every program pays: the SDK loaded, one output. */
export const stack = pulumi.getStack();
