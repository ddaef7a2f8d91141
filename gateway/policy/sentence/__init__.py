"""Rules in sentences, made of the record alone, for people who answer for them."""
