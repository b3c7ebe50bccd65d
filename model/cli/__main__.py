"""``python -m conflictwire.cli``: the command where no script of it is installed."""

from . import main

if __name__ == "__main__":
    raise SystemExit(main())
