"""The command ``sallyport``. Modules here import what they need when they run."""
