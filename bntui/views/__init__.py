"""What is said and drawn of a snapshot, for any face."""
