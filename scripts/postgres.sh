#!/bin/sh
# Install PostgreSQL for the tests with several bots where apt can do it; elsewhere say that they are skipped.
set -u
if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "==> no PostgreSQL and no apt here: the tests with PostgreSQL will be skipped"
    exit 0
fi
sudo=
if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null; then
        sudo="sudo -n"
    else
        echo "==> no PostgreSQL, and no right to install it: the tests with PostgreSQL will be skipped"
        exit 0
    fi
fi
echo "==> installing PostgreSQL for the tests with several bots"
export DEBIAN_FRONTEND=noninteractive
if ! { $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null 2>&1; then
    echo "==> PostgreSQL could not be installed: the tests with PostgreSQL will be skipped"
fi
exit 0
