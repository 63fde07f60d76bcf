import { listSimulatedClusters } from "../record";
import { clusterToken } from "../tokens";
import { type StandIn, standInAnswer, standInClouds } from "./answer";

// What `aws`, `gke-gcloud-auth-plugin` and `kubelogin` of the lab's bin folder run, with the lab's folder and the
// program's name before the arguments.
const [state = "", program = "", ...args] = process.argv.slice(2);

function isStandIn(name: string): name is StandIn {
  return name in standInClouds;
}

if (!isStandIn(program)) throw new Error(`${program} is none of the lab's stand-ins`);
const cloud = standInClouds[program];
const { code, stdout, stderr } = standInAnswer(program, {
  args,
  execInfo: process.env.KUBERNETES_EXEC_INFO,
  now: new Date(),
  region: process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION,
  clusters: listSimulatedClusters(state)
    .map(({ cluster }) => cluster)
    .filter(({ type }) => type.startsWith(`${cloud}:`)),
  token: (cluster) => clusterToken(state, cloud, cluster),
});
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
