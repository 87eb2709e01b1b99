"""The scenarios that lie ready, and how one is written: the library, the template, the reference."""
