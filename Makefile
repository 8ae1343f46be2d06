# `make demo` and `make test` do all the set-up on a fresh machine. Relative paths throughout: the folder's own
# path may hold spaces.
PYTHON ?= python3
.DEFAULT_GOAL := help

.PHONY: help demo test lint clean

help:
	@echo "make demo   install into .venv and build a corpus from examples/"
	@echo "make test   install into .venv, check style and types, run the tests"

.venv/ready: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@

demo: .venv/ready
	.venv/bin/python -m align run examples/vi examples/en -o corpus.tsv

test: .venv/ready lint
	.venv/bin/python -m pytest

lint: .venv/ready
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
