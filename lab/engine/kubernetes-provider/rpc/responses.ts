import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { toStruct } from "../../grpc/struct";
import type { CheckResult } from "../check/check";
import type { ConfigDiff } from "../config/diff-config";
import type { Change, DiffResult } from "../diff/diff";

const { DiffChanges } = proto.DiffResponse;
const { Kind } = proto.PropertyDiff;

/** The answer to Check. */
export function checkResponse({ inputs, failures }: CheckResult): proto.CheckResponse {
  const response = new proto.CheckResponse();
  if (failures.length === 0) response.setInputs(toStruct(inputs));
  for (const { property, reason } of failures) {
    const failure = new proto.CheckFailure();
    failure.setProperty(property);
    failure.setReason(reason);
    response.addFailures(failure);
  }
  return response;
}

/** The answer to Diff. */
export function diffResponse({ changes, deleteBeforeReplace }: DiffResult): proto.DiffResponse {
  const response = new proto.DiffResponse();
  response.setChanges(changes.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
  response.setHasdetaileddiff(true);
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setReplacesList(changes.filter((c) => c.replace).map((c) => c.path));
  response.setDiffsList([...new Set(changes.map((c) => topLevel(c.path)))]);
  for (const change of changes) {
    const detail = new proto.PropertyDiff();
    detail.setKind(detailKind(change));
    // A deleted property is only to be found in the old inputs; the state may never have had it.
    detail.setInputdiff(change.kind === "delete");
    response.getDetaileddiffMap().set(change.path, detail);
  }
  return response;
}

function topLevel(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}

function detailKind({ kind, replace }: Change): proto.PropertyDiff.Kind {
  switch (kind) {
    case "add":
      return replace ? Kind.ADD_REPLACE : Kind.ADD;
    case "delete":
      return replace ? Kind.DELETE_REPLACE : Kind.DELETE;
    case "update":
      return replace ? Kind.UPDATE_REPLACE : Kind.UPDATE;
  }
}

/** The answer to DiffConfig. */
export function configDiffResponse({ diffs, replaces }: ConfigDiff): proto.DiffResponse {
  const response = new proto.DiffResponse();
  response.setChanges(diffs.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
  response.setDiffsList(diffs);
  response.setReplacesList(replaces);
  return response;
}
