"""`python -m copydesk` is the same as the `copydesk` command."""

from copydesk.cli import main

if __name__ == "__main__":
    main()
