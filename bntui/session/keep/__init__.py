"""What outlasts the program: the journal, what is resumed from it, files and traces."""
