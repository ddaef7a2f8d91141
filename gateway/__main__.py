"""``python -m gateway``: what ``sallyport`` is, where its command is not on PATH."""

from gateway.cli.main import run

run()
