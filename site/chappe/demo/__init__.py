"""The demo: a fictional shop in Nantes with customers, a past campaign, a draft, two shops and an automation.

Every number is of the range that the French regulator keeps for fiction (06 39 98 xx xx).
"""
