#!/bin/sh
# Makes the secrets that docker-compose.yml needs, one file each, and leaves those that are there: sh dockerfiles/compose-secrets.sh
set -eu
cd "$(dirname "$0")/.."
# worker: those that your configurations name (docs/guides/compose.md).
mkdir -p secrets/worker
# Others on this machine are kept out by the folder; the files are read by the containers' own users.
chmod 700 secrets
chmod 755 secrets/worker
for name in postgres_password grafana_password; do
  if [ ! -s "secrets/$name" ]; then
    # 48 hexadecimal digits: nothing that a shell or a URL would take for something else.
    head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"secrets/$name"
    echo "secrets/$name made"
  fi
  chmod 644 "secrets/$name"
done
