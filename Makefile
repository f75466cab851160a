# The newcomer's commands. Each needs nothing but Python 3.11+, make and the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-all check format sanitize clean

demo: $(READY)
	$(BIN)/mua-async demo

test: $(READY)
	$(BIN)/python -m pytest

test-all: $(READY)
	$(BIN)/python -m pytest -m "slow or not slow"

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The C code without Python, under the sanitizers: random albums, a fault in every read, stops at any time.
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all
sanitize:
	mkdir -p build
	$(CC) -std=c11 -O1 -g -Wall -Wextra -Werror $(SANITIZERS) -Wl,--wrap=pread -pthread \
		pipeline/hashing/csrc/kernels.c pipeline/hashing/csrc/lanes.c tests/csrc/drive_lanes.c -o build/drive_lanes
	build/drive_lanes
