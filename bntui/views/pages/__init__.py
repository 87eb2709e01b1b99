"""What fills a page of its own: surveys, a handout, the speaker's view, a preview."""
