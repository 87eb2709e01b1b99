"""What others see of a session while it goes on: a class that follows its speaker on the same machine, by files alone."""
