"""Work items: what needs a person, wherever it comes from."""
