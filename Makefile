# Each target does its own set-up in a fresh clone: Python 3.11+ and make suffice.
# Say `make PYTHON=/path/to/python` to choose another Python.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check bench proofs proved translation leaks torture trials \
	box docs clean run-environment test-environment tools locks

BASE = $$(PYTHON="$(PYTHON)" scripts/python)
VENV := .venv/bin
export PATH := $(CURDIR)/$(VENV):$(CURDIR)/.tools/bin:$(PATH)

help: ## say what there is
	@awk -F ':|## ' '/^[a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$NF}' Makefile

demo: run-environment ## see one county's gateway at work (about a minute)
	@$(VENV)/sallyport demo $(DEMO)

test: test-environment tools ## run the whole suite, then look at what it covered
	@$(VENV)/python -m scripts.suite $(TESTS)

check: test-environment tools ## style, types, layers, policy, locks, documentation
	@$(VENV)/python -m scripts.check

bench: test-environment ## measure, each figure beside its baseline of the same run
	@$(VENV)/python -m scripts.tools bench
	@$(VENV)/python -m scripts.bench $(PARTS)

proofs: test-environment ## prove every shipped stack, and keep the proofs
	@$(VENV)/python -m scripts.proofs

proved: test-environment ## prove every shipped stack again, compare with what is kept
	@$(VENV)/python -m scripts.proofs --check

translation: test-environment tools ## try ten thousand questions on what proofs rest on
	@SALLYPORT_QUESTIONS=10000 $(VENV)/python -m pytest -q \
		tests/gateway/policy/prove/test_translation.py

leaks: test-environment ## attack what answers tell, with two thousand requests each
	@SALLYPORT_LEAKS=2000 $(VENV)/python -m pytest -q -s \
		tests/exchange/test_leaks.py 2>/dev/null

box: test-environment ## install on one box as the page says, in a clean root
	@SALLYPORT_BOX=1 $(VENV)/python -m pytest -q tests/deploy

torture: test-environment tools ## kill gateways and logs, many times, and count what was lost
	@$(VENV)/python -m scripts.torture $(PARTS)

trials: test-environment tools ## kill, starve and cut off the log in each store, a thousand times
	@$(VENV)/python -m tests.audit.torture $(TRIALS)

docs: test-environment ## write the reference pages from the code
	@$(VENV)/python -m scripts.reference --write

clean: ## remove everything that was made here
	rm -rf .venv .tools .cache build dist demo-county *.egg-info .coverage .coverage.* \
		.hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

locks: test-environment ## resolve the requirement locks anew (asks the package index)
	@$(VENV)/python -m scripts.locks --write

run-environment:
	@python=$(BASE) && "$$python" -m scripts.environment run --embedded

test-environment:
	@python=$(BASE) && "$$python" -m scripts.environment test

tools: test-environment
	@$(VENV)/python -m scripts.tools
