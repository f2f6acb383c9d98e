"""Writes of messaging, by noun: batches, recipients, stop_route, opt_out, reports, inbound, team, promo, demo_clock."""
