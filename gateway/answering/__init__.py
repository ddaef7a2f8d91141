"""Steps 4 and 5 of an exchange: what is read, what comes of it, when it leaves."""
