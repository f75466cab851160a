# The newcomer's commands. Each needs nothing but Python 3.11+, make and the package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: demo test test-all test-crash check format sanitize clean

demo: $(READY)
	$(BIN)/mua-async demo

test: $(READY)
	$(PYTEST)

test-all: $(READY)
	$(PYTEST) -m "not long"

# Every boundary and 200 random moments: half an hour.
test-crash: $(READY)
	$(BIN)/python -m pytest -m long tests/e2e/test_crash.py

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

# The C code under the sanitizers: without Python random albums, a fault in every read, stops at any time;
# then the module that Python sees, by its tests. The interpreter itself never frees all it has: no leaks.
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all
CHECKED_C := $(CC) -std=c11 -O1 -g -fvisibility=hidden -Wall -Wextra -Werror $(SANITIZERS)
CSRC := pipeline/hashing/csrc
SANITIZED := build/sanitized
UNDER_ASAN = LD_PRELOAD="$$($(CC) -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc
sanitize: $(READY)
	mkdir -p $(SANITIZED)
	$(CHECKED_C) -Wl,--wrap=pread -pthread $(CSRC)/kernels.c $(CSRC)/lanes.c tests/csrc/drive_lanes.c -o build/drive_lanes
	build/drive_lanes
	cp -R pipeline $(SANITIZED)
	$(CHECKED_C) -fPIC -shared -DPy_LIMITED_API=0x030B0000 \
		-I"$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("include"))')" \
		$(CSRC)/kernels.c $(CSRC)/lanes.c $(CSRC)/module.c -o $(SANITIZED)/pipeline/hashing/_multibuffer.abi3.so
	$(UNDER_ASAN) PYTHONPATH=$(SANITIZED) $(BIN)/python -P -c "import pipeline.hashing._multibuffer as m; assert '$(SANITIZED)' in m.__file__"
	$(UNDER_ASAN) $(BIN)/python -m pytest -o pythonpath="$(SANITIZED) ." tests/pipeline/hashing/test_multibuffer.py
