#!/bin/sh
# Gives the next steps of the workflow the clouds' credentials, by its OIDC token alone. Which clouds there are is said
# by variables of the repository; see docs/preview.md for what each cloud must trust.
set -eu

umask 077

# The workflow's token for one audience, in a file that only this user can read.
token_for() {
  curl --fail --silent --show-error --header "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
    "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=$1" | jq --exit-status --raw-output .value >"$2"
}

if [ -n "${AWS_PREVIEW_ROLE:-}" ]; then
  token_for sts.amazonaws.com "$RUNNER_TEMP/aws-token"
  {
    echo "AWS_ROLE_ARN=$AWS_PREVIEW_ROLE"
    echo "AWS_WEB_IDENTITY_TOKEN_FILE=$RUNNER_TEMP/aws-token"
    echo "AWS_ROLE_SESSION_NAME=preview-$GITHUB_RUN_ID"
  } >>"$GITHUB_ENV"
fi

if [ -n "${GCP_PREVIEW_PROVIDER:-}" ]; then
  audience="https://iam.googleapis.com/$GCP_PREVIEW_PROVIDER"
  token_for "$(printf %s "$audience" | jq --slurp --raw-input --raw-output @uri)" "$RUNNER_TEMP/gcp-token"
  jq --null-input \
    --arg audience "//iam.googleapis.com/$GCP_PREVIEW_PROVIDER" \
    --arg account "$GCP_PREVIEW_SERVICE_ACCOUNT" \
    --arg file "$RUNNER_TEMP/gcp-token" \
    '{
      type: "external_account",
      audience: $audience,
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: "https://sts.googleapis.com/v1/token",
      service_account_impersonation_url:
        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/\($account):generateAccessToken",
      credential_source: {file: $file}
    }' >"$RUNNER_TEMP/gcp-credentials.json"
  echo "GOOGLE_APPLICATION_CREDENTIALS=$RUNNER_TEMP/gcp-credentials.json" >>"$GITHUB_ENV"
fi

if [ -n "${AZURE_PREVIEW_CLIENT:-}" ]; then
  # The provider asks for the token by itself.
  {
    echo "ARM_USE_OIDC=true"
    echo "ARM_CLIENT_ID=$AZURE_PREVIEW_CLIENT"
    echo "ARM_TENANT_ID=$AZURE_PREVIEW_TENANT"
    echo "ARM_SUBSCRIPTION_ID=$AZURE_PREVIEW_SUBSCRIPTION"
  } >>"$GITHUB_ENV"
fi
