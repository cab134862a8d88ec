"""`python -m herald`."""

from worker.cli import main

main()
