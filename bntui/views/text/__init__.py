"""Text in cells: spans and lines, numbers, Markdown."""
