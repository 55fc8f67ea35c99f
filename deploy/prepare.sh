#!/usr/bin/env bash
# Makes what compose.yaml wants and nobody may choose: passwords as files, a settings file, the name of the machine.
# Run once, as root, in this directory: ./prepare.sh kopru.example.com. What stands already is left as it is.
set -euo pipefail
umask 077
cd "$(dirname "$0")"

domain=${1:?which name leads to this machine? ./prepare.sh kopru.example.com}
hub_user=10001 # of the Containerfile

if [[ ! $domain =~ ^[A-Za-z0-9.-]+$ ]]; then
    echo "not a host name: $domain" >&2
    exit 2
fi
if ((EUID != 0)) && [[ ${PREPARE_WITHOUT_ROOT:-} != yes ]]; then
    echo "run as root: the hub's files must belong to user $hub_user" >&2
    exit 2
fi

mkdir -p secrets
for server in data keys; do
    if [[ ! -s secrets/$server.password ]]; then
        # 256 bits; the letters need no escaping in a password file.
        od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"secrets/$server.password"
    fi
    # libpq refuses a password file that others may read.
    printf '%s:5432:*:postgres:%s\n' "$server" "$(<"secrets/$server.password")" >"secrets/$server.pgpass"
    if ((EUID == 0)); then
        chown "$hub_user:$hub_user" "secrets/$server.pgpass"
    fi
done

[[ -s .env ]] || printf 'KOPRU_DOMAIN=%s\n' "$domain" >.env
if [[ ! -s hub.env ]]; then
    sed -e "s|^#HUB_PUBLIC_URL=.*|HUB_PUBLIC_URL=https://$domain|" \
        -e "s|^#HUB_ALLOWED_HOSTS=.*|HUB_ALLOWED_HOSTS=[\"$domain\",\"127.0.0.1\"]|" hub.env.example >hub.env
fi
echo "ready: docker compose up -d"
