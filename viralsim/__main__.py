"""`python -m viralsim` is the command line."""

from viralsim.cli import main

if __name__ == "__main__":
    main()
