"""What a scenario is: its parts, the actions that are taken in it, and what can be asked about it."""
