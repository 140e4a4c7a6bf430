"""Texts into a project: tables, folders and pasted lines, read so that a person can correct it, cleaned, kept."""
