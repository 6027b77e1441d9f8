"""What runs in the sandbox, as the source of a program: standard library alone, nothing of ours."""
