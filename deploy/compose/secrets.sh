#!/usr/bin/env bash
# Make the secrets that compose.yaml mounts: random passwords, for this machine only. Existing ones stay as they are.
# The folder is closed to other users of this machine; the files in it are readable to the users of the containers.
set -euo pipefail
cd "$(dirname "$0")"
umask 077
mkdir -p secrets

password() { python3 -c 'import secrets; print(secrets.token_urlsafe(24), end="")'; }

# Write standard input to a file that appears whole or not at all.
keep() {
    cat > "secrets/.$1.new"
    chmod 444 "secrets/.$1.new"
    mv -f "secrets/.$1.new" "secrets/$1"
}

[ -s secrets/postgres-password ] || password | keep postgres-password
[ -s secrets/grafana-password ] || password | keep grafana-password
printf 'postgresql://herald:%s@postgres:5432/herald' "$(cat secrets/postgres-password)" | keep journal-dsn
