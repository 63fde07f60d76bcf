import type { Fault } from "../shared/faults";
import { requiredMemberFaults } from "../shared/members";
import { secretNameFaults, type WrittenSecret } from "../shared/secret-names";
import type { QueenArgs, QueenConsumer } from "./args";
import { QueenRole } from "./roles";
import { clientSecretName, serverSecretName } from "./secret-names";

/** Consumers whose objects would have the names of Queen's own. */
const TAKEN = ["ca", "server"];

/** Checks who calls Queen. */
export function consumerFaults(queen: string, args: QueenArgs): Fault[] {
  const consumers = args.consumers ?? [];
  const secrets = writtenSecrets(queen, args);
  return consumers.flatMap((consumer, index) => {
    const path = `consumers[${index}]`;
    return [
      ...consumerNameFaults(`${path}.name`, consumers, index),
      ...requiredMemberFaults(`${path}.role`, consumer.role, Object.values(QueenRole)),
      ...podLabelFaults(`${path}.podLabels`, consumer.podLabels),
      ...secretNameFaults(`${path}.secretName`, secrets, index),
    ];
  });
}

/** The Secrets of the consumers, in their order, then Queen's own. */
function writtenSecrets(queen: string, { consumers = [], namespace }: QueenArgs): WrittenSecret[] {
  const theirs = consumers.map((consumer) => ({
    namespace: consumer.namespace ?? namespace,
    name: consumer.secretName ?? clientSecretName(queen, consumer.name),
    given: consumer.secretName,
  }));
  return [...theirs, { namespace, name: serverSecretName(queen) }];
}

function consumerNameFaults(
  path: string,
  consumers: readonly QueenConsumer[],
  index: number,
): Fault[] {
  const got = consumers[index]?.name ?? "";
  const first = consumers.findIndex(({ name }) => name === got);
  if (first < index) return [{ path, problem: "there are two of that name", got }];
  if (TAKEN.includes(got)) return [{ path, problem: "a name of Queen's own", got }];
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(got)) return [];
  const allowed = "a-z, 0-9 and -, at most 63 characters";
  return [{ path, problem: "not a DNS label", got, allowed }];
}

/** Without any label every pod of the namespace would be let in. */
function podLabelFaults(path: string, labels: Record<string, string> | undefined): Fault[] {
  if (labels === undefined || Object.keys(labels).length > 0) return [];
  return [{ path, problem: "empty, so every pod of the namespace would be let in" }];
}
