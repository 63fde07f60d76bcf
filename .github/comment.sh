#!/bin/sh
# Writes the comment of a stack on a pull request, or edits the one that is there: comment.sh STACK FILE
# Environment: GITHUB_REPOSITORY, PULL_REQUEST, GH_TOKEN with the right to write comments.
set -eu

stack=$1
file=$2

mark="<!-- kvm-fabric preview of $(printf %s "$stack" | tr -c 'A-Za-z0-9_.-' _) -->"

# A preview that ended before it could say anything must not leave the last one's comment standing.
if [ ! -s "$file" ]; then
  # shellcheck disable=SC2016 # The backquotes are Markdown's.
  printf '%s\n\n### Preview of `%s`\n\n**The preview failed** before it could say why: see the log of the workflow.\n' \
    "$mark" "$stack" >"$file"
fi

comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
# Only a comment of this workflow's own: anybody may write the mark.
own=$(MARK=$mark gh api --paginate "$comments" --jq \
  '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith(env.MARK))) | .id' | head -n 1)

if [ -n "$own" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$own" --field "body=@$file"
else
  gh api --silent --method POST "$comments" --field "body=@$file"
fi
