"""The ledger's chain: the form that is sealed, the worker that seals, and the check that finds what was altered."""
