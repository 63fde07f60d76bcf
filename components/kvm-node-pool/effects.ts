import { TaintEffect } from "../shared/kvm-nodes";

/** A taint's effect as EKS and GKE spell it. */
export function capitalEffect(effect: TaintEffect): string {
  switch (effect) {
    case TaintEffect.NoSchedule:
      return "NO_SCHEDULE";
    case TaintEffect.PreferNoSchedule:
      return "PREFER_NO_SCHEDULE";
    case TaintEffect.NoExecute:
      return "NO_EXECUTE";
    default:
      return effect satisfies never;
  }
}
