"""What is known of a scenario's text before anybody knows what a scenario is: bytes, scalars, sentences, places."""
