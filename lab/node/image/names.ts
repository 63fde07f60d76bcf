/** The image of a pod's sandbox, which holds its namespaces open. */
export const PAUSE_IMAGE = "localhost/kvm-fabric/pause:lab";

/** Has what the provisioner's script needs: a POSIX shell, curl, authorities, flock, sha256sum, tar. */
export const PROVISIONER_IMAGE = "localhost/kvm-fabric/provisioner:lab";

/** Has QEMU and a kernel besides: for the boot gate under TCG, and below a worker's own image. */
export const WORKER_BASE_IMAGE = "localhost/kvm-fabric/worker-base:lab";

/** The worker image of examples/worker-image. */
export const WORKER_IMAGE = "localhost/kvm-fabric/worker:lab";

/** Ghostunnel, which speaks TLS for a Queen and for those who call her. */
export const GHOSTUNNEL_IMAGE = "localhost/kvm-fabric/ghostunnel:lab";

/** Debian's Redis under the names of Valkey. */
export const REDIS_IMAGE = "localhost/kvm-fabric/redis:lab";

/** Node.js, where the official image has it. */
export const NODE_IMAGE = "localhost/kvm-fabric/node:lab";
