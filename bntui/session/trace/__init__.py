"""What a session tells as data: every state that it reaches, and how quantities spread over runs of several seeds."""
