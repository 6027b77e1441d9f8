"""Secrets and personal data: what they look like, filters that drop texts with them, and steps that replace them."""
