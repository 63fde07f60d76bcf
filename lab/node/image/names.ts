/** The image of a pod's sandbox, which holds its namespaces open. */
export const PAUSE_IMAGE = "localhost/kvm-fabric/pause:lab";

/** Has what the provisioner's script needs: a POSIX shell, curl, authorities, flock, sha256sum, tar. */
export const PROVISIONER_IMAGE = "localhost/kvm-fabric/provisioner:lab";

/** Has QEMU and a kernel besides: for the boot gate under TCG, and below a worker's own image. */
export const WORKER_BASE_IMAGE = "localhost/kvm-fabric/worker-base:lab";

/** The worker image of examples/worker-image. */
export const WORKER_IMAGE = "localhost/kvm-fabric/worker:lab";
