"""`python -m bntui` is `bntui`."""

from bntui.cli import main

main()
