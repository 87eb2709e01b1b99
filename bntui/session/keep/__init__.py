"""What outlasts the program: the journal and what is resumed from it, files that are saved, preferences, caches."""
