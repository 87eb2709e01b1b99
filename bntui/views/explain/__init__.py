"""What is said of anything on the screen when somebody asks: what it is, with the numbers of now, and why it is so here."""
