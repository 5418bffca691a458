#!/usr/bin/env bash
# Sets up solith in .venv and runs what has to pass: style, types, tests.
set -euo pipefail
cd "$(dirname "$0")"
source tools/environment.sh
.venv/bin/ruff check src tests validation benchmarks tools
.venv/bin/ruff format --check src tests validation benchmarks tools
.venv/bin/mypy
exec .venv/bin/python -m pytest "$@"
