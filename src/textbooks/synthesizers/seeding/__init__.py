"""Seeds: what a text is to be about, drawn without replacement."""
