"""What teaching needs around a session: playing lessons, what they prove, the speaker's notes, what was completed."""
