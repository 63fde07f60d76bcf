import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** Hexadecimal digits that tell two of the same name in the world apart. */
const DIGITS = 8;

/**
 * The name of a storage account or a vault, which is all the world's: letters and digits of the logical name, a word,
 * and digits of what it is in; the same in every run. At most 24 characters.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
export function worldName(name: string, word: string, place: string): string {
  const digits = createHash("sha256")
    .update(`${place.toLowerCase()} ${name} ${word}`)
    .digest("hex");
  const letters = name.replaceAll(/[^a-z0-9]/g, "");
  return `${letters.slice(0, 24 - DIGITS - word.length)}${word}${digits.slice(0, DIGITS)}`;
}

/** The same, of a place that is known later. */
export function worldNameIn(
  name: string,
  word: string,
  place: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.output(place).apply((known) => worldName(name, word, known));
}

/** The parts of a virtual network's id. */
export interface VnetParts {
  name: string;
  resourceGroupName: string;
  subscriptionId: string;
}

/** Splits the id of a virtual network. Throws on any other text. */
export function parseVnetId(id: string): VnetParts {
  const match =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/virtualNetworks\/([^/]+)$/i.exec(
      id,
    );
  const [, subscriptionId, resourceGroupName, name] = match ?? [];
  if (!subscriptionId || !resourceGroupName || !name) {
    throw new Error(`not the id of a virtual network: "${id}"`);
  }
  return { name, resourceGroupName, subscriptionId };
}
