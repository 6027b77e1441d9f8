"""Licences: statements and the heads of files, read as SPDX expressions."""
