# `make demo` and `make test` do all the set-up on a fresh machine. Relative paths throughout: the folder's own
# path may hold spaces.
PYTHON ?= python3
.DEFAULT_GOAL := help

.PHONY: help demo test lint oracle st clean

help:
	@echo "make demo   install into .venv and build a corpus from examples/"
	@echo "make test   install into .venv, check style and types, run the tests"
	@echo "make oracle install the original LASER with torch into .venv-oracle, compare tokens and vectors"
	@echo "make st     install sentence-transformers with torch into .venv-st, run the tests that need it"

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

# TORCH names what pip shall install first, for instance a build without CUDA. pip before 24.1 still takes fairseq, which
# laser-encoders needs on Python 3.10.
TORCH ?= torch
.venv-oracle/ready: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv-oracle
	.venv-oracle/bin/python -m pip install --quiet --disable-pip-version-check "pip<24.1"
	.venv-oracle/bin/python -m pip install --quiet --disable-pip-version-check "$(TORCH)"
	.venv-oracle/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,laser,laser-oracle]"
	@touch $@

oracle: .venv-oracle/ready
	.venv-oracle/bin/python -m pytest -rs tests/encoders/test_laser_against_oracle.py tests/encoders/test_pull_laser.py

.venv-st/ready: setup.cfg pyproject.toml
	$(PYTHON) -m venv .venv-st
	.venv-st/bin/python -m pip install --quiet --disable-pip-version-check "$(TORCH)"
	.venv-st/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,st]"
	@touch $@

st: .venv-st/ready
	.venv-st/bin/python -m pytest -rs tests/encoders/test_st_encoder.py

clean:
	rm -rf .venv .venv-oracle .venv-st build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
