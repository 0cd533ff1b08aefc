#!/usr/bin/env bash
# Chromium and its driver, which the tests of the pages look through.
set -euo pipefail

if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Chromium is missing, which the tests of the pages look through: installing it."
        apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium chromium-driver ||
            echo "Chromium could not be installed; only the tests that look at pages need it." >&2
    else
        echo "Without Chromium the tests that look at pages are skipped. On Debian: sudo apt-get install chromium-driver"
    fi
fi
