# Every target works from a fresh clone, and again. PYTHON is the interpreter that makes the environments.
PYTHON ?= python3
OUT ?= curated
# Files, folders or URLs to curate; the installed Python packages when empty.
PATHS ?=
VENV = .venv
TESTENV = .venv-test
TORCHENV = .venv-torch
# Tests that kill, interrupt and time processes; all others run two files at a time.
ALONE = tests/curation tests/llm tests/sandbox
# Tests that need torch; they run two at a time, on a thread each.
WITH_TORCH = tests/examples/pretrain tests/examples/test_train_paper_classifier.py $(wildcard tests/embedders/test_[ct]*.py) \
	tests/scoring/test_embedding_classifier.py tests/evaluation/test_generation.py tests/llm/test_transformers_serve.py tests/mixtures/test_tokens.py
# The default index has CUDA builds of several gigabytes for Linux: name that of the CPU builds. Empty: pip's own choice.
TORCH_INDEX ?= --index-url https://download.pytorch.org/whl/cpu

.PHONY: help install curate test test-torch lint check bench docs notebooks clean

help:
	@echo "make curate   install the core and curate the Python code on this machine into $(OUT)/"
	@echo "make test     install the test environment and run all tests"
	@echo "make test-torch  the tests that need torch, in an environment of their own"
	@echo "make install  install the core into $(VENV)"
	@echo "make check    lint, types, and the snippets of the docs"
	@echo "make bench    run the benchmarks and renew benchmarks/*/results*.json"
	@echo "make notebooks  run the notebooks of examples/notebooks and write their output"
	@echo "make docs     build the reference of the command line and the public names"

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --editable .
	@touch $@

curate: install
	$(VENV)/bin/textbooks curate --out $(OUT) $(PATHS)

$(TESTENV)/.installed: pyproject.toml constraints-dev.txt
	$(PYTHON) -m venv $(TESTENV)
	$(TESTENV)/bin/python -m pip install --quiet --constraint constraints-dev.txt --editable '.[dev]'
	@touch $@

test: $(TESTENV)/.installed
	$(TESTENV)/bin/python -m pytest -n 2 --dist loadfile $(ALONE:%=--ignore=%)
	$(TESTENV)/bin/python -m pytest $(ALONE)

$(TORCHENV)/.installed: pyproject.toml constraints-dev.txt
	$(PYTHON) -m venv $(TORCHENV)
	$(TORCHENV)/bin/python -m pip install --quiet $(TORCH_INDEX) torch==2.13.0
	$(TORCHENV)/bin/python -m pip install --quiet --constraint constraints-dev.txt --editable '.[dev,embeddings,train]' accelerate fastapi uvicorn
	@touch $@

test-torch: $(TORCHENV)/.installed
	OMP_NUM_THREADS=1 $(TORCHENV)/bin/python -m pytest -n 2 --dist loadgroup $(WITH_TORCH)

lint: $(TESTENV)/.installed
	$(TESTENV)/bin/ruff format --check .
	$(TESTENV)/bin/ruff check .
	$(TESTENV)/bin/mypy

check: lint
	$(TESTENV)/bin/python -m pytest -q tests/test_docs.py

bench: $(TESTENV)/.installed
	$(TESTENV)/bin/python benchmarks/run.py

docs: $(TESTENV)/.installed
	$(TESTENV)/bin/python docs/build.py

notebooks: $(TESTENV)/.installed
	$(TESTENV)/bin/python examples/notebooks/build.py

clean:
	rm -rf $(VENV) $(TESTENV) $(TORCHENV) curated build dist
