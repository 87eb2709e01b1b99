"""What a pane of the screen says and draws of a snapshot."""
