"""Finished pages that a workspace can start from, in French and in English."""
