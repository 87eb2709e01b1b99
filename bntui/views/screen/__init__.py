"""The whole screen: where its panes stand and what is in each."""
