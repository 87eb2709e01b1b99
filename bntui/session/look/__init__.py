"""What a face may show of a moment: observed, measured and named."""
