"""``python -m solith.app``: the command line."""

from __future__ import annotations

from solith.app.cli import main

if __name__ == "__main__":
    main()
