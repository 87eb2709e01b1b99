"""What the commands compute before a view can say it."""
