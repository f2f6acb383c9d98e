"""The yardstick of bench.webhooks: what Django itself does for a view that inserts one row."""
