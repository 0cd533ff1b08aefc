#!/usr/bin/env bash
# Makes the environment of a fresh machine: Java 17 or newer, uv, Python 3.11, the locked packages; for the tests a browser.
set -euo pipefail
venv=${1:?usage: setup.sh VENV}

# What Java says of its options comes first, where it was given any.
java_version() { java -version 2>&1 | sed -nE 's/.* version "([0-9]+).*/\1/p'; }

if ! command -v java >/dev/null || [ "$(java_version)" -lt 17 ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Java 17 is missing: installing it."
        apt-get update -qq && apt-get install -y -qq openjdk-17-jre-headless
    else
        echo "Java 17 or newer is needed (found: $(java_version || true))." >&2
        echo "Install it, on Debian by: sudo apt-get install openjdk-17-jre-headless" >&2
        exit 1
    fi
fi

if ! command -v uv >/dev/null && ! python3 -m uv --version >/dev/null 2>&1; then
    echo "uv is missing: installing it for this user."
    python3 -m pip install --quiet --user uv || python3 -m pip install --quiet --user --break-system-packages uv
fi
if command -v uv >/dev/null; then uv=(uv); else uv=(python3 -m uv); fi

if ! "${uv[@]}" python find --no-project 3.11 >/dev/null 2>&1; then
    echo "Python 3.11 is needed and was not found. Install it, for instance by your distribution's python3.11 package." >&2
    exit 1
fi

[ -x "$venv/bin/python" ] || "${uv[@]}" venv --quiet --no-project --python 3.11 "$venv"
# Byte code at once: importing the quality engine takes half the time with it.
"${uv[@]}" pip sync --python "$venv/bin/python" --quiet --compile-bytecode --require-hashes requirements.lock
"${uv[@]}" pip install --python "$venv/bin/python" --quiet --no-deps --editable .
