"""`python -m align` is the `align` command."""

from align.cli import main

if __name__ == "__main__":
    main()
