"""Steps 6 and 7 of an exchange: what must be done, what is recorded, what leaves."""
