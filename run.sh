#!/usr/bin/env bash
# Sets up solith in .venv and runs the study first-cell; the report is in first-cell-results/.
set -euo pipefail
cd "$(dirname "$0")"
source tools/environment.sh
exec .venv/bin/solith run first-cell "$@"
