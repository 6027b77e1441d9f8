"""The balance of topics in a corpus."""
