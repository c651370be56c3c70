# `make demo`, `make serve`, `make test`, `make check`: each sets up what it needs.
.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check format models speech voice pictures bench lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCK := requirements-dev.lock
CODE := api app biometrics domain edge services storage web worker tools tests benchmarks

help:  ## Show this list.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): $(LOCK) pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement $(LOCK)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $(STAMP)

setup: $(STAMP)

models: $(STAMP)  ## Fetch the pinned face models (optional ones where they can be had) and the demo portraits.
	$(BIN)/jianzai models fetch --with-portraits --with-optional

speech: $(STAMP)  ## Speak the phone page's prompts with the quick voice, where its program is installed.
	$(BIN)/jianzai speech make --if-possible

voice: $(STAMP)  ## Speak them with the best voice that can be had (fetches 100 MB, takes minutes).
	$(BIN)/jianzai speech make --voice best

demo: models  ## Play the main job end to end over HTTP and print what came out.
	$(BIN)/jianzai demo

serve: models speech  ## Start server, database and worker with a demo county; Ctrl-C ends them.
	$(BIN)/jianzai serve --with-demo

check: $(STAMP)  ## Format, lint, types, import contracts, compose file.
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/python -m tools.lint
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-cache
	$(BIN)/python tools/check_compose.py

# A camera needs a processor while it records: what films in a browser runs by itself, at the end.
test: models speech  ## Run every test.
	$(BIN)/pytest -n 2 --dist loadgroup --ignore tests/browser
	$(BIN)/pytest tests/browser

format: $(STAMP)  ## Format the code.
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

bench: models  ## Measure what the documents quote.
	for bench in speed data_keys puppet_frames verify_case import_beneficiaries console; do $(BIN)/python -m benchmarks.$$bench; done

pictures: models speech  ## Take the README's pictures anew (needs Chromium).
	$(BIN)/python -m tools.pictures
	$(BIN)/python -m tools.office_pictures

lock:  ## Write both lock files anew: hashes, no addresses (needs uv on the path).
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet pyproject.toml --output-file requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --group dev --extra demo pyproject.toml --output-file $(LOCK)

clean:  ## Remove the environment and the caches of the tools.
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
