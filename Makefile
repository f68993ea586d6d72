# Each target sets up what it needs in .venv; no other service has to run.
# ARGS is handed on to the command: make test ARGS="-k ledger"

PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$each"; break; }; done)
BIN := .venv/bin
# A run of the whole suite leaves the report that `make requirements` reads.
PYTEST := $(BIN)/python -m pytest -p tests.requirements_report
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: run test check bench soak requirements lock help environment

run: environment ## start Visitledger with its demonstration on 127.0.0.1
	@$(BIN)/visitledger run $(ARGS)

test: environment ## run every test (PROOF=full for the long ones)
	@PROOF="$${PROOF:-small}" $(PYTEST) $(ARGS)

check: environment ## format, lint, types, import contracts and every test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@PROOF=small $(PYTEST) $(ARGS)

bench: environment ## measure against the bare floor, as ratios (PROOF=small for a quick look)
	@PROOF="$${PROOF:-full}" $(BIN)/python -m benchmarks $(ARGS)

soak: environment ## run every test in full length
	@PROOF=full $(PYTEST) $(ARGS)

requirements: environment ## list which requirements are proven by tests, which are not
	@$(BIN)/python -m tests.requirements_report $(ARGS)

lock: environment ## resolve the newest allowed versions anew into the two lock files (needs uv)
	@UV="$$(command -v uv || echo $(BIN)/uv)"; \
	compile="$$UV pip compile --quiet --universal --python-version 3.11 --upgrade --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate"; \
	$$compile --extra redis --extra rabbitmq pyproject.toml -o requirements.lock && \
	echo 'setuptools>=75' | $$compile --all-extras -c requirements.lock pyproject.toml - -o requirements-test.lock

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

environment:
	@test -n "$(PYTHON)" || { echo "Visitledger needs Python 3.11 or newer on the PATH (or make PYTHON=/path/to/it)." >&2; exit 1; }
	@"$(PYTHON)" bootstrap.py
