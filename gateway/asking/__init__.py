"""Step 2 of an exchange: what is asked, in the words of catalogue and vocabulary."""
