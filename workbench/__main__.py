"""`python -m workbench` is the command line."""

from workbench.cli.app import main

main()
