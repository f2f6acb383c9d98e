"""Segments: rules about contacts, as JSON, as a query, in words."""
