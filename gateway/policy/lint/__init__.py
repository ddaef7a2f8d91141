"""What is wrong with the written law, before anything is decided by it."""
