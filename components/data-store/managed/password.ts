import * as pulumi from "@pulumi/pulumi";
import { RandomPassword } from "@pulumi/random/randomPassword";
import { remakeable } from "../../shared/data-guard";

/** Letters and digits alone, so that no tool has to quote it: 40 of them are more than 230 bits. */
const PASSWORD_LENGTH = 40;

/**
 * Makes the password of a store's user. It stays the same until it is replaced, also while the store is guarded:
 * `pulumi up --replace URN`.
 */
export function createPassword(
  name: string,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const password = new RandomPassword(
    `${name}-password`,
    { length: PASSWORD_LENGTH, special: false, minLower: 1, minNumeric: 1, minUpper: 1 },
    remakeable(options),
  );
  // Said here too: not every SDK knows that its property for a password is secret.
  return pulumi.secret(password.result);
}
