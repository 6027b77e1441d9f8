"""`python -m textbooks.cli`."""

from textbooks.cli import main

if __name__ == "__main__":
    main()
