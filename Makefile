# Two commands are enough: `make run` and `make test`. `make` alone lists the rest.
PYTHON ?= python3
PY := .venv/bin/python
DATA ?=
OUT ?= runs/default

.DEFAULT_GOAL := help
.PHONY: help run test check format chromium postgres train evaluate sheet bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.ready-run: pyproject.toml scripts/setup.sh
	@PYTHON=$(PYTHON) sh scripts/setup.sh run

.venv/.ready-test: pyproject.toml scripts/setup.sh
	@PYTHON=$(PYTHON) sh scripts/setup.sh test train,postgres,ray,dev

run: .venv/.ready-run ## install what is needed and start the bot (no token: the chat page)
	@exec $(PY) -m bot

test: check chromium postgres ## install what is needed, check the code and run every test
	@echo "==> running the tests"
	@$(PY) -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder

check: .venv/.ready-test ## lint, format check, types, and who may import whom
	@echo "==> checking style, types and imports"
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

format: .venv/.ready-test ## format the code
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

chromium: # the browser of the page's tests
	@sh scripts/chromium.sh

postgres: # the database server of the tests with several bots
	@sh scripts/postgres.sh

train: .venv/.ready-test ## train the default weights: make train DATA=folder [OUT=folder]
	@test -n "$(DATA)" || { echo "say where the data is: make train DATA=folder"; exit 2; }
	@$(PY) -m engine train --data "$(DATA)" --out "$(OUT)"

evaluate: .venv/.ready-test ## measure the shipped weights: make evaluate DATA=folder
	@test -n "$(DATA)" || { echo "say where the data is: make evaluate DATA=folder"; exit 2; }
	@mkdir -p runs
	@$(PY) -m engine evaluate --checkpoint weights --data "$(DATA)" --out runs/report.json

sheet: .venv/.ready-test ## draw a contact sheet of suggestions: make sheet DATA=folder
	@test -n "$(DATA)" || { echo "say where the data is: make sheet DATA=folder"; exit 2; }
	@mkdir -p runs
	@$(PY) scripts/sheet.py --data "$(DATA)" --out runs/sheet.png

bench: .venv/.ready-test ## measure speed and memory on this machine
	@.venv/bin/python -m pip install --quiet --editable ".[bench]"
	@$(PY) -m benchmarks
	@$(PY) -m benchmarks.suggestions
	@$(PY) -m benchmarks.engines

clean: ## remove the virtual environment and caches (never your data)
	@rm -rf .venv *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
