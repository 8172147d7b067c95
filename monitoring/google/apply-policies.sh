#!/bin/sh
# Makes or updates the alert policies of Cloud Monitoring for Drover on Cloud Run:
#
#   sh monitoring/google/apply-policies.sh [--dry-run] PROJECT SERVICE [CHANNEL]
#
# CHANNEL is projects/PROJECT/notificationChannels/NUMBER; without it, incidents are seen in the console alone.
# DROVER_MOST_INSTANCES (10) is the service's bound of instances. Needs gcloud, and roles/monitoring.alertPolicyEditor.
set -eu

dry=
if [ "${1:-}" = --dry-run ]; then
  dry=1
  shift
fi
project=${1:?"a project is needed: apply-policies.sh PROJECT SERVICE [CHANNEL]"}
service=${2:?"a Cloud Run service is needed: apply-policies.sh PROJECT SERVICE [CHANNEL]"}
channel=${3:-}
for given in "$project" "$service" "${DROVER_MOST_INSTANCES:-10}"; do
  case $given in
  *[!a-z0-9:.-]*)
    echo "\"$given\": expected lower case letters, digits and dashes" >&2
    exit 2
    ;;
  esac
done

made=$(mktemp)
trap 'rm -f "$made"' EXIT
for file in "$(dirname "$0")"/policies/*.json; do
  sed -e "s/DROVER_SERVICE/$service/g" -e "s/DROVER_MOST_INSTANCES/${DROVER_MOST_INSTANCES:-10}/g" "$file" >"$made"
  title=$(sed -n 's/^  "displayName": "\(.*\)",$/\1/p' "$made")
  if [ -n "$dry" ]; then
    echo "would make or update \"$title\" in $project${channel:+, told to $channel}"
    continue
  fi
  before=$(gcloud monitoring policies list --project "$project" --filter "displayName=\"$title\"" --format 'value(name)' | head -n 1)
  if [ -n "$before" ]; then
    gcloud monitoring policies update "$before" --project "$project" --policy-from-file "$made" ${channel:+--set-notification-channels="$channel"}
  else
    gcloud monitoring policies create --project "$project" --policy-from-file "$made" ${channel:+--notification-channels="$channel"}
  fi
done
