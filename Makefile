# Two commands matter: `make run` (see the whole method work) and `make test` (check everything).
# Every target makes the virtual environment that it needs. Variables:
#   PYTHON=python3.12        the interpreter to make the environment with (3.11 or newer)
#   VENV=.venv               where the environment is
#   TORCH_INDEX=https://...  take torch and torchvision from this index, for example the CPU-only one
#   OUT=runs/...             where `make run` and `make ablations` put their runs
#   CHANGES='gan_steps=800'  fields of the configuration that `make ablations` changes in all variants
#   WORKERS=2                processes of `make test`
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
BIN := $(VENV)/bin

.PHONY: help run test lab app notebooks site ablations benchmarks lint clean
.DELETE_ON_ERROR:

help:
	@echo "make run        run the notebooks with longer trainings; prints the table, and where the pictures are"
	@echo "make test       run every test, the committed notebooks among them"
	@echo "make lab        open the notebooks in JupyterLab"
	@echo "make app        serve the panels as a page, to this machine alone"
	@echo "make ablations  train every variant of the ablations, two at a time; hours, and it goes on where it was stopped"
	@echo "make notebooks  execute the committed notebooks again and clean them (NAMES='04 05' for some)"
	@echo "make site       build these notebooks and texts as a website, into docs/_build/html; needs npm once, for MathJax"
	@echo "make benchmarks measure speed and memory against their bars, a quarter of an hour on an idle machine"
	@echo "make lint       check style"
	@echo "make clean      remove the environment and the tools' caches, and the site; runs/ stays"

# A folder for the environment, and one stamp for each set of requirements in it.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("warpgan needs Python 3.11 or newer, but $(PYTHON) is %d.%d; say make PYTHON=python3.11" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.torch: pyproject.toml | $(BIN)/python
ifdef TORCH_INDEX
	$(BIN)/python -c 'import tomllib; print("\n".join(r for r in tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"] if r.split(">")[0] in ("torch", "torchvision")))' > $(VENV)/torch.txt
	$(BIN)/python -m pip install --index-url $(TORCH_INDEX) -r $(VENV)/torch.txt
endif
	@touch $@

$(VENV)/.run: pyproject.toml $(VENV)/.torch
	$(BIN)/python -m pip install -e .
	@touch $@

$(VENV)/.test: pyproject.toml $(VENV)/.torch
	$(BIN)/python -m pip install -e ".[test]"
	@touch $@ $(VENV)/.run $(VENV)/.site

# Sphinx alone: the site shows the notebooks as they are committed and runs nothing.
$(VENV)/.site: pyproject.toml | $(BIN)/python
	$(BIN)/python -c 'import tomllib; print("\n".join(tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["site"]))' > $(VENV)/site.txt
	$(BIN)/python -m pip install -r $(VENV)/site.txt
	@touch $@

run: $(VENV)/.run
	$(BIN)/python -m warpgan.series run --out $(or $(OUT),runs/series)

ablations: $(VENV)/.run
	$(BIN)/python -m warpgan.ablations --out $(or $(OUT),runs/ablations) --changes "$(CHANGES)"

# One thread a process: on two cores two processes finish sooner than one with two threads, and results on a CPU
# repeat to the bit only at one number of threads. What compares times goes first, with no other test beside it.
test: $(VENV)/.test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m alone tests/unit
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not alone" -n $(WORKERS) --dist loadscope

# The root is the repository, so that the notebooks' links to ../figures and ../docs lead somewhere.
lab: $(VENV)/.run
	$(BIN)/python -m jupyterlab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks

# Bound to localhost: whoever reaches the page could make this machine compute.
app: $(VENV)/.run
	$(BIN)/python -m voila notebooks/panels.ipynb --Voila.ip=127.0.0.1 --port=$(or $(PORT),8866)

notebooks: $(VENV)/.run
	$(BIN)/python notebooks/tools/navigation.py
	OMP_NUM_THREADS=1 $(BIN)/python notebooks/tools/clean.py $(NAMES)

site: $(VENV)/.site
	$(BIN)/python docs/build.py

# All of them run, whichever misses its bar; the last line says which.
benchmarks: $(VENV)/.test
	@missed=; for one in "step --preset market" step geometry "waiting --runs 1" memory transfer "panels --browser" kills; do \
	  set -- $$one; echo "== $$one"; \
	  OMP_NUM_THREADS=1 $(BIN)/python tests/benchmarks/benchmark_$$1.py $${@:2} || missed="$$missed $$1"; \
	done; if [ "$$missed" ]; then echo "bars missed:$$missed"; exit 1; else echo "all bars reached"; fi

lint: $(VENV)/.test
	$(BIN)/python -m ruff check .

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis warpgan.egg-info docs/_build
