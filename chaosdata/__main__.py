"""``python -m chaosdata``."""

from chaosdata.cli import main

if __name__ == "__main__":
    main()
